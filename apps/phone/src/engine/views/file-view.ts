import { toHex } from '@palmkey/envelope';
import type { CheckedFile } from '../../keyring/checked-file.ts';
import type { FileView, RequestBase } from '../../model/request-view.ts';

/** The screen of a file signature: what it is for, and a hash. */
export function fileView(base: RequestBase, { data }: CheckedFile): FileView {
  const digest = toHex(data.digest);
  return {
    ...base,
    kind: 'file',
    namespace: data.namespace,
    hashAlgorithm: data.hash,
    digest,
    unusual: ['hash-only', ...base.unusual],
    fields: [
      { label: 'Namespace', value: data.namespace },
      { label: 'Reserved', value: '' },
      { label: 'Hash', value: data.hash },
      { label: 'Hash of the file', value: digest },
    ],
  };
}

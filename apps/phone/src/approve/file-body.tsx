import type { FileView } from '../model/request-view.ts';
import { Fact, Facts } from '../parts/fact.tsx';
import { Chunks } from '../parts/chunks.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { DirectoryFact } from './directory-fact.tsx';
import { KeyFact } from './key-fact.tsx';
import { SlipTitle } from './slip-title.tsx';
import type { BodyProps } from './slip.tsx';

/** A signature over a file: only its hash has come, and the slip says so before anything else. */
export function FileBody({ request: file, heading, onPass }: BodyProps<FileView>) {
  return (
    <>
      <SlipTitle ref={heading} verb="Sign a file for">
        <Literal text={file.namespace} className="block text-huge font-semibold tracking-tight" />
      </SlipTitle>
      <div className="px-4 pb-4 wide:px-6">
        <Notice tone="unusual" title="This device cannot see the file">
          <p>
            Only a hash of it came. Approve if you started this on {file.computer.name} just now; the signature says
            that you signed exactly the file with this hash.
          </p>
        </Notice>
      </div>
      <div className="px-4 wide:px-6">
        <Facts>
          <Fact
            label={file.hashAlgorithm.replace('sha', 'SHA-')}
            mark={
              <Mark kind="unusual" about="Hash">
                {`On a computer that you trust, ${file.hashAlgorithm}sum FILE prints this hash if the file is the one you mean.`}
              </Mark>
            }
          >
            <Chunks text={file.digest} size={8} />
          </Fact>
          <KeyFact request={file} onPass={onPass} />
          <DirectoryFact request={file} />
        </Facts>
      </div>
    </>
  );
}

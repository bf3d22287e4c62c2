import { useParams } from '@tanstack/react-router';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { downloadBlob } from '../parts/download.ts';
import { Fact, Facts } from '../parts/fact.tsx';
import { formatDate } from '../parts/format.ts';
import { keyTypeWords } from '../parts/key-words.ts';
import { KeySeal } from '../parts/key-seal.tsx';
import { Literal } from '../parts/literal.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Rename } from '../parts/rename.tsx';
import { useNow } from '../parts/use-now.ts';
import { ProviderLinks } from './provider-links.tsx';
import { RemoveKey } from './remove-key.tsx';

const back = { to: '/keys', label: 'Keys' } as const;

/** `palmkey-<name>.pub`, with everything but letters, digits, dot and dash made a dash. */
function pubFileName(name: string): string {
  return `palmkey-${name.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').toLowerCase()}.pub`;
}

export function KeyPage() {
  const { id } = useParams({ from: '/keys/$id' });
  const { keys } = useModel();
  const phone = usePhone();
  const now = useNow();
  const key = keys.find((candidate) => candidate.id === id);
  if (key === undefined) {
    return (
      <Page title="Key" back={back}>
        <p>This device has no such key.</p>
      </Page>
    );
  }
  const download = () => {
    downloadBlob(new Blob([`${key.authorizedKeysLine}\n`], { type: 'text/plain' }), pubFileName(key.name));
  };
  return (
    <Page title={key.name} back={back} side={<KeySeal fingerprint={key.fingerprint} size={56} />}>
      <Facts>
        <Fact label="Kind">
          {keyTypeWords(key.type)} <span className="text-muted">({key.type})</span>
        </Fact>
        <Fact label="Fingerprint">
          <Literal text={key.fingerprint} className="text-small" />
        </Fact>
        <Fact label="Made">{formatDate(key.createdAt, now)}, in this browser</Fact>
        <Fact label="Export">Not possible</Fact>
      </Facts>
      <Section title="Public key">
        <p className="mb-3 text-muted">
          Servers that should let you in need this line in <span className="font-mono text-small">authorized_keys</span>
          . It is no secret.
        </p>
        <div className="rounded-xl bg-sunken p-4">
          <Literal text={key.authorizedKeysLine} className="text-small" />
        </div>
        <div className="mt-3 flex flex-wrap gap-2">
          <CopyButton text={key.authorizedKeysLine} label="Copy line" />
          <Button icon="download" onClick={download}>
            Download .pub
          </Button>
        </div>
      </Section>
      <Section title="Where it belongs">
        <ProviderLinks />
      </Section>
      <Rename key={key.id} label="Name" name={key.name} onRename={(name) => phone.renameKey(key.id, name)} />
      <RemoveKey key={`remove ${key.id}`} keyView={key} last={keys.length === 1} />
    </Page>
  );
}

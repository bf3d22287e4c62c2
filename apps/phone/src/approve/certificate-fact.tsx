import type { CertificateView } from '../model/request-view.ts';
import { Fact } from '../parts/fact.tsx';
import { formatDate } from '../parts/format.ts';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { useNow } from '../parts/use-now.ts';

const states: Record<CertificateView['state'], string> = {
  valid: 'Signed by a CA',
  'bad-signature': 'The CA’s signature does not verify',
  'out-of-time': 'Not valid today',
  'other-name': 'Made for another name',
};

/** Who vouches for the host key, and whether that holds. */
export function CertificateFact({ certificate }: { certificate: CertificateView }) {
  const now = useNow();
  const { caFingerprint, keyId, principals, validFrom, validUntil, state } = certificate;
  const valid = state === 'valid';
  return (
    <Fact
      label="Certificate"
      mark={
        <Mark kind={valid ? 'verified' : 'unusual'} about="Certificate">
          {valid
            ? 'The server showed a certificate for its key. The CA’s signature verifies, it is valid now, and the name is one it was made for. Whether the CA is one to trust, this device cannot know: compare its fingerprint.'
            : 'The server showed a certificate for its key that does not hold here. ssh on your computer decides whether it goes on; ask whoever runs the CA.'}
        </Mark>
      }
    >
      <span className={valid ? 'font-medium' : 'font-semibold text-amber'}>{states[state]}</span>
      <span className="block text-small text-muted">
        CA <Literal text={caFingerprint} />
      </span>
      <span className="block text-small text-muted">
        Called <Literal text={keyId} />
        {principals.length > 0 && (
          <>
            , for <Literal text={principals.join(', ')} />
          </>
        )}
      </span>
      {(validFrom !== null || validUntil !== null) && (
        <span className="block text-small text-muted">
          Valid {validFrom === null ? '' : `from ${formatDate(validFrom, now)} `}
          {validUntil === null ? '' : `until ${formatDate(validUntil, now)}`}
        </span>
      )}
    </Fact>
  );
}

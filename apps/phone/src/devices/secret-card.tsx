import { Countdown } from '../parts/countdown.tsx';
import { QrPicture } from './qr-picture.tsx';

interface Props {
  link: string;
  /** What can be typed instead, joined by one space; null: only the code. */
  words: string | null;
  endsAt: number;
}

/** A secret for the other device: to scan, and beside it to type. */
export function SecretCard({ link, words, endsAt }: Props) {
  const tokens = words?.split(' ') ?? [];
  return (
    <div className="overflow-hidden rounded-2xl border border-line bg-paper shadow-slip">
      <div className="p-4">
        <QrPicture text={link} label="QR code for the other device" />
      </div>
      {words !== null && (
        <div className="border-t border-line px-4 py-4 text-center">
          <p className="text-small text-muted">or type there</p>
          <p
            data-joining-words={words}
            className={`mt-2 flex flex-wrap justify-center gap-x-3 gap-y-1 font-mono font-semibold ${tokens.length > 4 ? 'text-base' : 'text-large'}`}
          >
            {tokens.map((token, index) => (
              <span key={index}>{token}</span>
            ))}
          </p>
        </div>
      )}
      <p className="border-t border-line py-2 text-center">
        <Countdown endsAt={endsAt} />
      </p>
    </div>
  );
}

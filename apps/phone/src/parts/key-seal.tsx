/**
 * A rosette drawn from a key's fingerprint, as on a bank note: it helps the eye to find a key again.
 * It is an ornament: only the fingerprint identifies.
 */
function rosette(fingerprint: string): string[] {
  const seed = Array.from(fingerprint.slice(7), (char) => char.charCodeAt(0));
  const at = (index: number): number => seed[index % Math.max(seed.length, 1)] ?? 0;
  const petals = 5 + (at(0) % 8);
  const inner = 2 + (at(1) % 5);
  return [0, 1, 2].map((ring) => {
    const radius = 21 - ring * 5;
    const swing = 3.5 + (at(2 + ring) % 40) / 10;
    const turn = (at(5 + ring) / 128) * Math.PI;
    const points = Array.from({ length: 181 }, (_, step) => {
      const angle = (step / 180) * 2 * Math.PI;
      const distance = radius + swing * Math.sin(petals * angle + turn) * Math.cos(inner * angle);
      return `${(24 + distance * Math.cos(angle)).toFixed(1)} ${(24 + distance * Math.sin(angle)).toFixed(1)}`;
    });
    return `M${points.join('L')}Z`;
  });
}

export function KeySeal({ fingerprint, size = 48 }: { fingerprint: string; size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="-4 -4 56 56" className="shrink-0 text-accent">
      {rosette(fingerprint).map((path) => (
        <path key={path} d={path} fill="none" stroke="currentColor" strokeWidth={0.9} strokeLinejoin="round" />
      ))}
    </svg>
  );
}

import decodeQR from 'qr/decode.js';

export type CameraProblem = 'denied' | 'none' | 'busy';

/** Longer side of the frames that are searched, pixels: enough for a code that fills a third of the picture. */
const frameSide = 800;
const pauseMs = 80;

function problemOf(cause: unknown): CameraProblem {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none';
}

function readFrame(video: HTMLVideoElement, canvas: HTMLCanvasElement): string | null {
  if (video.videoWidth === 0) return null;
  const scale = Math.min(1, frameSide / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    // No code in this frame.
    return null;
  }
}

/** Shows the camera in `video` and reports each QR code read, until `signal` aborts; the camera is then off. */
export async function watchCamera(
  video: HTMLVideoElement,
  signal: AbortSignal,
  events: { onText(text: string): void; onProblem(problem: CameraProblem): void },
): Promise<void> {
  let stream: MediaStream | null = null;
  const release = () => stream?.getTracks().forEach((track) => track.stop());
  try {
    // Absent on pages that are not a secure context, whatever the type says.
    if (!('mediaDevices' in navigator)) {
      events.onProblem('none');
      return;
    }
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (signal.aborted) {
      release();
      return;
    }
    signal.addEventListener('abort', release);
    video.srcObject = stream;
    await video.play();
  } catch (cause) {
    release();
    if (!signal.aborted) events.onProblem(problemOf(cause));
    return;
  }
  const canvas = document.createElement('canvas');
  const look = () => {
    if (signal.aborted) return;
    const text = readFrame(video, canvas);
    if (text !== null) events.onText(text);
    setTimeout(look, pauseMs);
  };
  look();
}

import type { RequestView } from '../model/request-view.ts';
import { Countdown } from '../parts/countdown.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';

/** Who asks, how sure we are, time left, and how many wait behind. */
export function SlipHead({ request, behind, over }: { request: RequestView; behind: number; over: boolean }) {
  const { computer, programs, terminal } = request;
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-3 border-b border-line px-4 pt-3 pb-2 wide:px-6">
      <div className="min-w-0 flex-1 basis-44">
        <p className="flex items-center">
          <span className="font-semibold">{computer.name}</span>
          <Mark kind="verified" about={computer.name}>
            {`This request was sealed with the keys of ${computer.name}, which you paired. Nobody else can ask in its name.`}
          </Mark>
        </p>
        <p className="flex items-center text-small text-muted">
          <span className="min-w-0">
            {programs.length === 0 && 'did not say which program asks'}
            {programs.map((program, index) => (
              <span key={index}>
                {index > 0 && ' → '}
                <Literal text={program} />
              </span>
            ))}
            {terminal !== null && (
              <>
                {' in '}
                <Literal text={terminal} />
              </>
            )}
          </span>
          <Mark kind="claimed" about="Program">
            {`Which program asks is what ${computer.name} says. A program there could lie about it, so decide by what is below.`}
          </Mark>
        </p>
      </div>
      <div className="text-right">
        {over ? <span className="text-muted">ended</span> : <Countdown endsAt={request.endsAt} />}
        {/* Always there, so that a new arrival moves nothing. */}
        <p className="h-5 text-small whitespace-nowrap text-muted">{behind > 0 ? `${behind} more waiting` : ''}</p>
      </div>
    </header>
  );
}

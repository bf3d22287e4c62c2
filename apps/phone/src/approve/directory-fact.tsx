import type { RequestView } from '../model/request-view.ts';
import { Fact } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';

/** In which folder the program runs that asks; nothing where the computer could not tell. */
export function DirectoryFact({ request: { directory, computer } }: { request: RequestView }) {
  if (directory === null) return null;
  return (
    <Fact
      label="Folder"
      mark={
        <Mark kind="claimed" about="Folder">
          {`In which folder the program runs is what ${computer.name} says.`}
        </Mark>
      }
    >
      <Literal text={directory} className="text-small leading-6" />
    </Fact>
  );
}

import type { GitPersonView, GitView } from '../model/request-view.ts';
import { Fact } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';
import { Mark } from '../parts/mark.tsx';
import { formatInZone } from '../parts/zone-time.ts';

/** More than this many stand in the whole text only. */
const shownAtMost = 12;

/** Somebody who wrote, and when by their own clock. */
export function PersonLine({ label, person }: { label: string; person: GitPersonView }) {
  return (
    <div className="py-2">
      <dt className="text-small text-muted">{label}</dt>
      <dd>
        <Literal text={person.name} className="font-medium" />{' '}
        <Literal text={`<${person.email}>`} className="text-small text-muted" />
        <span className="block text-small text-muted tabular-nums">{formatInZone(person.at, person.zone)}</span>
      </dd>
    </div>
  );
}

/** Are two entries the same person at the same moment. */
export function samePerson(one: GitPersonView, other: GitPersonView): boolean {
  return one.name === other.name && one.email === other.email && one.at === other.at && one.zone === other.zone;
}

/** Where the computer says that the repository is. */
export function RepositoryFacts({ git: { repository, computer } }: { git: GitView }) {
  const mark = (
    <Mark kind="claimed" about="Repository">
      {`The text that is signed names no repository. Which one it is for is what ${computer.name} says.`}
    </Mark>
  );
  if (repository === null) {
    return (
      <Fact label="Repository" mark={mark}>
        <span className="text-muted">{computer.name} did not say</span>
      </Fact>
    );
  }
  return (
    <>
      <Fact label="Repository" mark={mark}>
        <Literal text={repository.directory} className="text-small leading-6" />
      </Fact>
      {repository.remote !== null && (
        <Fact label="Remote" mark={mark}>
          <Literal text={repository.remote} className="text-small leading-6" />
        </Fact>
      )}
    </>
  );
}

/** Object names, one under the other. */
export function Names({ names, none }: { names: readonly string[]; none: string }) {
  if (names.length === 0) return <span className="text-muted">{none}</span>;
  return (
    <>
      {names.slice(0, shownAtMost).map((name, index) => (
        <Literal key={index} text={name} className="block text-small leading-6" />
      ))}
      {names.length > shownAtMost && (
        <span className="text-small text-muted">and {names.length - shownAtMost} more, in the whole text below</span>
      )}
    </>
  );
}

/** What else stands at the top of a commit. */
export function HeaderFacts({ headers }: { headers: readonly { readonly name: string; readonly value: string }[] }) {
  return (
    <>
      {headers.slice(0, shownAtMost).map(({ name, value }, index) => (
        <Fact key={index} label={name.length > 20 ? 'Header' : name}>
          {name.length > 20 && <Literal text={name} className="block text-small" />}
          <Literal text={value} className="text-small leading-6" />
        </Fact>
      ))}
      {headers.length > shownAtMost && (
        <Fact label="Headers">{`${headers.length - shownAtMost} more, in the whole text below`}</Fact>
      )}
    </>
  );
}

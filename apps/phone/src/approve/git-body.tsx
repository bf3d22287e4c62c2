import type { Ref, ReactNode } from 'react';
import type { GitObjectView, GitView } from '../model/request-view.ts';
import { Fact, Facts } from '../parts/fact.tsx';
import { Literal } from '../parts/literal.tsx';
import { Notice } from '../parts/notice.tsx';
import { PagedText } from '../parts/paged-text.tsx';
import { pagesOf } from '../parts/text-pages.ts';
import { DirectoryFact } from './directory-fact.tsx';
import { HeaderFacts, Names, PersonLine, RepositoryFacts, samePerson } from './git-facts.tsx';
import { KeyFact } from './key-fact.tsx';
import { LoadingText } from './loading-text.tsx';
import { SlipTitle } from './slip-title.tsx';
import type { BodyProps } from './slip.tsx';
import { gitVerb } from './words.ts';

/** The message after its subject; all of it where the subject is not simply its beginning. */
function afterSubject({ subject, message }: GitObjectView): string {
  const rest = message.startsWith(subject) ? message.slice(subject.length) : message;
  const from = rest.startsWith('\n\n') ? 2 : rest.startsWith('\n') ? 1 : 0;
  // Not by a pattern: one that looks for the last of many lines takes time that grows with their square.
  let to = rest.length;
  while (to > from && rest.charCodeAt(to - 1) === 0x0a) to -= 1;
  return rest.slice(from, to);
}

function People({ object }: { object: GitObjectView }) {
  if (object.is === 'tag') return object.tagger !== null && <PersonLine label="Tagger" person={object.tagger} />;
  const same = samePerson(object.author, object.committer);
  return (
    <>
      <PersonLine label={same ? 'Author and committer' : 'Author'} person={object.author} />
      {!same && <PersonLine label="Committer" person={object.committer} />}
    </>
  );
}

/** A text as a sheet of paper: subject first, then the rest of the message, then who wrote it. */
function Paper({ git, object, heading }: { git: GitView; object: GitObjectView; heading: Ref<HTMLHeadingElement> }) {
  const body = afterSubject(object);
  const subject =
    object.subject === '' ? (
      <span className="text-muted">No message</span>
    ) : (
      <Literal text={object.subject} className="font-sans text-large font-semibold text-balance" />
    );
  return (
    <div className="px-4 pt-4 pb-4 wide:px-6">
      {object.is === 'tag' && (
        <h1 ref={heading} tabIndex={-1} className="mb-3">
          <span className="block text-muted">{gitVerb(git)}</span>
          <Literal text={object.tag} className="block text-huge font-semibold tracking-tight" />
        </h1>
      )}
      {object.is === 'commit' && <p className="mb-2 text-muted">{gitVerb(git)}</p>}
      <div className="rounded-sm border border-line bg-sheet px-4 py-4 shadow-sheet">
        {object.is === 'commit' ? (
          <h1 ref={heading} tabIndex={-1}>
            <span className="sr-only">Sign a commit: </span>
            {subject}
          </h1>
        ) : (
          <p>{subject}</p>
        )}
        {body !== '' && (
          <div className="mt-3">
            <PagedText
              source={pagesOf(body)}
              label="Pages of the message"
              hidden={git.unusual.includes('hidden-characters')}
            />
          </div>
        )}
        {(object.is === 'commit' || object.tagger !== null) && (
          <dl className="mt-4 border-t border-line pt-2">
            <People object={object} />
          </dl>
        )}
      </div>
    </div>
  );
}

function ObjectFacts({ object }: { object: GitObjectView }): ReactNode {
  if (object.is === 'tag') {
    return (
      <Fact label="Target">
        <span className={object.targetType === 'commit' ? '' : 'font-semibold text-amber'}>
          {object.targetType === 'commit' ? 'a commit' : `a ${object.targetType}, not a commit`}
        </span>
        <Literal text={object.target} className="block text-small leading-6" />
      </Fact>
    );
  }
  return (
    <>
      <Fact label={object.parents.length > 1 ? 'Parents' : 'Parent'}>
        <Names names={object.parents} none="None: the first commit" />
      </Fact>
      <Fact label="Tree">
        <Names names={[object.tree]} none="" />
      </Fact>
      <HeaderFacts headers={object.headers} />
    </>
  );
}

/** A commit or tag: all of what is signed, and beside it what the computer says of where it belongs. */
export function GitBody({ request: git, over, heading, onPass }: BodyProps<GitView>) {
  const { object, decoded } = git;
  return (
    <>
      {git.unusual.includes('hidden-characters') && (
        <div className="px-4 pt-4 wide:px-6">
          <Notice tone="unusual" title="Some characters here do not show">
            <p>Their names stand in amber where they are. They can make a text look like another one.</p>
          </Notice>
        </div>
      )}
      {object === null ? (
        <>
          <SlipTitle ref={heading} verb="Sign for git">
            <span className="block text-large font-semibold">The text is on its way</span>
          </SlipTitle>
          {!over && <LoadingText here={git.here} size={git.size} />}
        </>
      ) : (
        <Paper git={git} object={object} heading={heading} />
      )}
      <div className="px-4 wide:px-6">
        <Facts>
          <RepositoryFacts git={git} />
          <KeyFact request={git} onPass={onPass} />
          {object !== null && <ObjectFacts object={object} />}
          {object !== null && decoded !== 'utf-8' && (
            <Fact label="Letters">
              Read as <Literal text={decoded} />. What is signed are its bytes.
            </Fact>
          )}
          {git.directory !== git.repository?.directory && <DirectoryFact request={git} />}
        </Facts>
      </div>
    </>
  );
}

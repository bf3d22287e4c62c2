import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { NoticesView } from '../model/model.ts';
import { useModel, usePhone } from '../model/use-model.tsx';
import { Button, buttonClass } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { codeOf } from '../parts/code-of.ts';
import { keyTypeWords } from '../parts/key-words.ts';
import { Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { putAway } from '../parts/put-away.ts';
import { Switch } from '../parts/switch.tsx';
import { otherRelaysWords, standingWords, switchProblem, wakesWords } from './notices-words.ts';
import { useStanding } from './use-standing.ts';

/** What stands in the way, apart from the person. */
function Hindrance({ standing }: { standing: NoticesView['standing'] }) {
  const words = standingWords(standing);
  if (words === null) return null;
  return (
    <Notice
      tone="standing"
      title={words.title}
      actions={
        standing === 'install-first' && (
          <Link to="/settings/install" className={buttonClass('secondary')}>
            How to install it
          </Link>
        )
      }
    >
      <p>{words.text}</p>
    </Notice>
  );
}

function OnOff() {
  const { notices, computers } = useModel();
  const phone = usePhone();
  const [state, setState] = useState<{ is: 'idle' | 'busy' } | { is: 'failed'; code: string | null }>({ is: 'idle' });
  const change = (on: boolean) => {
    if (state.is === 'busy') return;
    setState({ is: 'busy' });
    putAway('palmkey-push-offer');
    const done = on ? phone.switchNoticesOn() : phone.switchNoticesOff();
    done.then(
      () => setState({ is: 'idle' }),
      (error: unknown) => setState({ is: 'failed', code: codeOf(error) }),
    );
  };
  const problem = state.is === 'failed' ? switchProblem(state.code) : null;
  const others = otherRelaysWords(notices, computers);
  return (
    <div>
      <Switch
        label="Wake this device when something asks"
        hint={
          state.is === 'busy'
            ? 'One moment…'
            : notices.on
              ? wakesWords(notices)
              : 'The browser asks you once whether it may show notifications.'
        }
        checked={notices.on}
        onChange={change}
      />
      {notices.on && others !== null && <p className="text-small text-muted">{others}</p>}
      {problem !== null && (
        <Notice tone="unusual" title={problem.title}>
          <p>{problem.text}</p>
        </Notice>
      )}
    </div>
  );
}

function Shows() {
  const { shows } = useModel().notices;
  const phone = usePhone();
  const name = useId();
  const choose = (chosen: NoticesView['shows']) => void phone.setNotices({ shows: chosen });
  return (
    <fieldset>
      <legend className="sr-only">What a notification shows</legend>
      <div className="flex flex-wrap gap-2">
        <Choice name={name} checked={shows === 'question'} label="The question" onChoose={() => choose('question')} />
        <Choice
          name={name}
          checked={shows === 'little'}
          label="Only that there is one"
          onChoose={() => choose('little')}
        />
      </div>
      <p className="mt-2 text-small text-muted">
        {shows === 'question'
          ? 'Who asks, what for, with which key. Your phone’s own settings say whether that can be read while it is locked.'
          : 'Something asks for your key: the rest stands in the app.'}{' '}
        Behind the app lock it is never more than that.
      </p>
    </fieldset>
  );
}

function AllowKeys() {
  const { keys, notices } = useModel();
  const phone = usePhone();
  const { allowKeys } = notices;
  return (
    <>
      <p>
        A notification is small, and whoever holds this phone can tap it. Allow stands only on a routine login: to a
        pinned server, directly, with nothing unusual, short enough to be read whole, and never behind the app lock.
        Everything else has to be opened.
      </p>
      <div className="mt-2 divide-y divide-line border-y border-line">
        {keys.map(({ id, name, type }) => (
          <Switch
            key={id}
            label={name}
            hint={keyTypeWords(type)}
            checked={allowKeys.includes(id)}
            onChange={(on) =>
              void phone.setNotices({ allowKeys: on ? [...allowKeys, id] : allowKeys.filter((key) => key !== id) })
            }
          />
        ))}
      </div>
    </>
  );
}

/** Notifications: what wakes this device, what they show, and what can be answered on them. */
export function NoticesPage() {
  const { notices, computers } = useModel();
  const phone = usePhone();
  const standing = useStanding();
  return (
    <Page title="Notifications" back={{ to: '/settings', label: 'Settings' }}>
      <p>
        While Palmkey is not open, the relay can have this device woken. It fetches the request, answers what you have
        permitted, and shows you the rest. What travels is sealed: neither the relay nor the push service learns what is
        asked.
      </p>
      <Hindrance standing={standing} />
      {computers.length === 0 ? (
        <p className="text-muted">Pair a computer first: its relay is the one that wakes this device.</p>
      ) : (
        (standing === 'unasked' || standing === 'allowed' || notices.on) && <OnOff />
      )}
      {notices.on && standing === 'allowed' && (
        <>
          <Button onClick={() => void phone.testNotice()}>Show a test</Button>
          <Section title="What it shows">
            <Shows />
          </Section>
          <Section title="Allow from a notification">
            <AllowKeys />
          </Section>
        </>
      )}
    </Page>
  );
}

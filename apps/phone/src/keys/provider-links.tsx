import { Icon } from '../parts/icon.tsx';

const providers = [
  { name: 'GitHub', page: 'https://github.com/settings/keys' },
  { name: 'GitLab', page: 'https://gitlab.com/-/user_settings/ssh_keys' },
  { name: 'Bitbucket', page: 'https://bitbucket.org/account/settings/ssh-keys/' },
  { name: 'Codeberg', page: 'https://codeberg.org/user/settings/keys' },
  { name: 'SourceHut', page: 'https://meta.sr.ht/keys' },
] as const;

/** Where hosters take a public key. Nothing is sent there: they are links. */
export function ProviderLinks() {
  return (
    <>
      <p className="mb-2 text-muted">
        Copy the line, then open the page where your hoster takes it. GitHub wants it twice, as an authentication and as
        a signing key.
      </p>
      <ul className="flex flex-wrap gap-2">
        {providers.map(({ name, page }) => (
          <li key={name}>
            <a
              href={page}
              target="_blank"
              rel="noopener noreferrer"
              className="inline-flex min-h-12 items-center gap-2 rounded-xl border border-line-strong px-4 font-medium hover:bg-sunken"
            >
              {name}
              <Icon name="link" size={16} className="text-muted" />
              <span className="sr-only">(opens a new page)</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

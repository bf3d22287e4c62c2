import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router';
import { ComputersPage } from '../computers/computers-page.tsx';
import { InboxPage } from '../inbox/inbox-page.tsx';
import { NothingChosen } from '../parts/split.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <NothingChosen>There is no such page.</NothingChosen>,
});

const inbox = createRoute({ getParentRoute: () => root, path: '/', component: InboxPage });
// The link itself has been taken out of the address bar before the router starts.
const pair = createRoute({
  getParentRoute: () => root,
  path: '/pair',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's own way to redirect
    throw redirect({ to: '/computers/add' });
  },
});
const hostKey = createRoute({
  getParentRoute: () => root,
  path: '/host-key/$hash',
  component: lazyRouteComponent(() => import('../approve/host-key-page.tsx'), 'HostKeyPage'),
});

const permissions = createRoute({
  getParentRoute: () => root,
  path: '/permissions',
  validateSearch: ({ computer: id }: Record<string, unknown>): { computer?: string } =>
    typeof id === 'string' ? { computer: id } : {},
  component: lazyRouteComponent(() => import('../permissions/permissions-page.tsx'), 'PermissionsPage'),
});

const computers = createRoute({ getParentRoute: () => root, path: '/computers', component: ComputersPage });
const computersIndex = createRoute({
  getParentRoute: () => computers,
  path: '/',
  component: () => <NothingChosen>Choose a computer.</NothingChosen>,
});
const addComputer = createRoute({
  getParentRoute: () => computers,
  path: '/add',
  component: lazyRouteComponent(() => import('../pair/add-computer-page.tsx'), 'AddComputerPage'),
});
const admission = createRoute({
  getParentRoute: () => computers,
  path: '/admission',
  validateSearch: ({ relay }: Record<string, unknown>): { relay: string } => ({
    relay: typeof relay === 'string' ? relay : '',
  }),
  component: lazyRouteComponent(() => import('../computers/admission-page.tsx'), 'AdmissionPage'),
});
const invite = createRoute({
  getParentRoute: () => computers,
  path: '/invite',
  component: lazyRouteComponent(() => import('../computers/invite-page.tsx'), 'InvitePage'),
});
const computer = createRoute({
  getParentRoute: () => computers,
  path: '/$id',
  component: lazyRouteComponent(() => import('../computers/computer-page.tsx'), 'ComputerPage'),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('../keys/keys-page.tsx'), 'KeysPage'),
});
const keysIndex = createRoute({
  getParentRoute: () => keys,
  path: '/',
  component: () => <NothingChosen>Choose a key.</NothingChosen>,
});
const key = createRoute({
  getParentRoute: () => keys,
  path: '/$id',
  component: lazyRouteComponent(() => import('../keys/key-page.tsx'), 'KeyPage'),
});

const history = createRoute({
  getParentRoute: () => root,
  path: '/history',
  component: lazyRouteComponent(() => import('../history/history-page.tsx'), 'HistoryPage'),
});
const historyIndex = createRoute({
  getParentRoute: () => history,
  path: '/',
  component: () => <NothingChosen>Choose an entry.</NothingChosen>,
});
const entry = createRoute({
  getParentRoute: () => history,
  path: '/$hash',
  component: lazyRouteComponent(() => import('../history/entry-page.tsx'), 'EntryPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage'),
});
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('../settings/about-page.tsx'), 'AboutPage'),
});
const about = createRoute({
  getParentRoute: () => settings,
  path: '/about',
  component: lazyRouteComponent(() => import('../settings/about-page.tsx'), 'AboutPage'),
});

const lock = createRoute({
  getParentRoute: () => settings,
  path: '/lock',
  component: lazyRouteComponent(() => import('../lock/lock-page.tsx'), 'LockPage'),
});
const passphrase = createRoute({
  getParentRoute: () => settings,
  path: '/passphrase',
  component: lazyRouteComponent(() => import('../passphrase/passphrase-page.tsx'), 'PassphrasePage'),
});
const install = createRoute({
  getParentRoute: () => settings,
  path: '/install',
  component: lazyRouteComponent(() => import('../install/install-page.tsx'), 'InstallPage'),
});

const notices = createRoute({
  getParentRoute: () => settings,
  path: '/notifications',
  component: lazyRouteComponent(() => import('../settings/notices-page.tsx'), 'NoticesPage'),
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: lazyRouteComponent(() => import('../devices/devices-page.tsx'), 'DevicesPage'),
});
const devicesIndex = createRoute({
  getParentRoute: () => devices,
  path: '/',
  component: () => <NothingChosen>Choose a device.</NothingChosen>,
});
const addDevice = createRoute({
  getParentRoute: () => devices,
  path: '/add',
  component: lazyRouteComponent(() => import('../devices/add-device-page.tsx'), 'AddDevicePage'),
});
const words = createRoute({
  getParentRoute: () => devices,
  path: '/words',
  component: lazyRouteComponent(() => import('../devices/words-page.tsx'), 'WordsPage'),
});
const alarm = createRoute({
  getParentRoute: () => devices,
  path: '/alarm',
  component: lazyRouteComponent(() => import('../devices/alarm-page.tsx'), 'AlarmPage'),
});
const relay = createRoute({
  getParentRoute: () => devices,
  path: '/relay',
  component: lazyRouteComponent(() => import('../devices/relay-page.tsx'), 'RelayPage'),
});
const device = createRoute({
  getParentRoute: () => devices,
  path: '/$id',
  component: lazyRouteComponent(() => import('../devices/device-page.tsx'), 'DevicePage'),
});

const routeTree = root.addChildren([
  inbox,
  pair,
  hostKey,
  permissions,
  computers.addChildren([computersIndex, addComputer, admission, invite, computer]),
  keys.addChildren([keysIndex, key]),
  history.addChildren([historyIndex, entry]),
  devices.addChildren([devicesIndex, addDevice, words, alarm, relay, device]),
  settings.addChildren([settingsIndex, about, lock, passphrase, notices, install]),
]);

/** The app's pages over a given history (the browser's, or one in memory for the gallery). */
export function createPages(routerHistory: RouterHistory) {
  return createRouter({ routeTree, history: routerHistory, defaultPreload: 'intent', scrollRestoration: false });
}

export type Pages = ReturnType<typeof createPages>;

declare module '@tanstack/react-router' {
  interface Register {
    router: Pages;
  }
}

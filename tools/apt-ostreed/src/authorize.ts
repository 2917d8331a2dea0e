import { type Bus, type DbusError, isDbusError, Variant } from '@apt-ostree/dbus';
import { BUS_NAME } from '@apt-ostree/host';
import { failure } from './names.ts';

const POLKIT = {
  destination: 'org.freedesktop.PolicyKit1',
  path: '/org/freedesktop/PolicyKit1/Authority',
  interface: 'org.freedesktop.PolicyKit1.Authority',
};
const ALLOW_USER_INTERACTION = 1;

/** Each must be granted. */
export type Action =
  | 'install-uninstall-packages'
  | 'install-local-packages'
  | 'override'
  | 'deploy'
  | 'upgrade'
  | 'rebase'
  | 'rollback'
  | 'bootconfig'
  | 'reload-daemon'
  | 'cancel'
  | 'cleanup'
  | 'repo-refresh'
  | 'repo-modify'
  | 'finalize-deployment';

/** The user of a caller; one that has left the bus is refused. */
export async function uidOf(bus: Bus, sender: string | undefined): Promise<number> {
  const uid = sender === undefined ? undefined : await bus.uidOf(sender);
  if (uid === undefined) throw failure('NotAuthorized', 'the caller has left the bus');
  return uid;
}

/**
 * Makes sure that a caller may do something: root may; of others polkit is asked, which may ask its user for a password.
 * @throws DbusError `NotAuthorized`
 */
export async function authorize(
  bus: Bus,
  sender: string | undefined,
  what: string,
  actions: readonly Action[],
): Promise<void> {
  if ((await uidOf(bus, sender)) === 0) return;
  for (const action of actions) await requireAction(bus, sender as string, what, `${BUS_NAME}.${action}`);
}

async function requireAction(bus: Bus, sender: string, what: string, action: string): Promise<void> {
  const subject = ['system-bus-name', new Map([['name', new Variant('s', sender)]])];
  let granted: boolean;
  try {
    const [result] = await bus.connection.call({
      ...POLKIT,
      member: 'CheckAuthorization',
      signature: '(sa{sv})sa{ss}us',
      body: [subject, action, new Map(), ALLOW_USER_INTERACTION, ''],
    });
    [granted] = result as [boolean];
  } catch (error) {
    if (!isDbusError(error)) throw error;
    throw failure('NotAuthorized', `cannot authorise '${what}': ${reason(error)}`);
  }
  if (!granted) throw failure('NotAuthorized', `'${what}' is not allowed for this user: '${action}' is not granted`);
}

const NO_SERVICE = /\.(ServiceUnknown|NameHasNoOwner|Spawn\..*)$/;

const reason = (error: DbusError): string =>
  NO_SERVICE.test(error.dbusName) ? 'there is no polkit on this bus, so only root may change anything' : error.message;

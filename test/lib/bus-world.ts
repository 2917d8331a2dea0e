import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus, connectPeer, isDbusError } from '@apt-ostree/dbus';
import { type RunOptions, type RunResult, run, type Started, start } from '@apt-ostree/run';
import { type BootedWorld, bootedWorld } from './booted-world.ts';
import { TOP } from './checkout.ts';

const BUS = '/run/dbus/system_bus_socket';
const CONFIGURATION = '/run/bus.conf';
const DATA = join(TOP, 'tools/apt-ostreed/data');

/** A user without privileges. */
export const NOBODY = 65534;

export interface BusWorldOptions {
  /** Runs polkitd, with our actions and these rules. */
  rules?: string;
  /** Lets the bus start the daemon, with these arguments. */
  activation?: readonly string[];
  /** What the bus starts instead. */
  activator?: string;
  /** After so many milliseconds the bus no longer waits for what it starts. */
  startTimeout?: number;
  /** Root may own this name too, and everybody call what it has. */
  alsoName?: string;
}

/** A booted machine on which a bus runs, and whatever is started on it: all in one process namespace. */
export interface BusWorld extends BootedWorld {
  /** Runs a command there and hands back how it ended. */
  exec(argv: readonly string[], options?: RunOptions & { uid?: number }): Promise<RunResult>;
  /** Starts one that stays. */
  launch(argv: readonly string[], options?: { env?: Record<string, string>; uid?: number }): Started;
  /** apt-ostree, as root unless said. */
  client(args: readonly string[], options?: RunOptions & { uid?: number }): Promise<RunResult>;
  /** Starts the daemon, and waits until it owns its name. */
  daemon(...args: string[]): Promise<Started>;
  /** `busctl call` on an object, below /org/aptostree1; words as busctl takes them. */
  busctl(...words: string[]): Promise<RunResult>;
  /** Runs a method of the OS object that opens a transaction, as root; @returns nothing, or why it failed. */
  transaction(method: string, signature: string, body: readonly unknown[], object?: string): Promise<string>;
  /** Waits until a name has an owner on the bus, or has none. */
  owned(name: string, wanted?: boolean): Promise<void>;
  /** A program's process there, as we see it. */
  processOf(started: Started, program: string): number;
  close(): Promise<void>;
}

export const PROGRAMS = '/run/checkout/node_modules/.bin';

/** The machine of `bootedWorld` with a system bus. */
export async function busWorld(name: string, options: BusWorldOptions = {}): Promise<BusWorld> {
  const world = await bootedWorld(name);
  world.write(CONFIGURATION, busConfiguration(options));
  const policy = readFileSync(join(DATA, 'org.aptostree1.conf'), 'utf8');
  for (const own of ['org.aptostree1', options.alsoName ?? 'org.aptostree1'])
    world.write(`/etc/dbus-1/system.d/${own}.conf`, policy.replaceAll('org.aptostree1', own));
  world.write('/run/dbus/.keep', '');
  if (options.activation)
    world.write('/run/services/org.aptostree1.service', service(options.activation, options.activator));
  if (options.rules !== undefined) {
    world.write(
      '/etc/polkit-1/actions/org.aptostree1.policy',
      readFileSync(join(DATA, 'org.aptostree1.policy'), 'utf8'),
    );
    world.write('/etc/polkit-1/rules.d/10-test.rules', options.rules);
  }
  const bus = world.run(['dbus-daemon', `--config-file=${CONFIGURATION}`, '--nofork', '--nopidfile'], { ok: 'any' });
  const pid = await found(() => processWith('dbus-daemon', world.sysroot));
  const enter = ['nsenter', '--target', String(pid), '--mount', '--pid', '--'];
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', ...DEPLOYING };
  const as = (uid: number | undefined) =>
    uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  const started: Started[] = [];
  const machine: BusWorld = {
    ...world,
    exec: (argv, { uid, env, ...rest } = {}) =>
      run('nsenter', [...enter.slice(1), ...as(uid), ...argv], {
        ...{ ok: 'any', clearEnv: true, env: { ...environment, ...env } },
        ...rest,
      }),
    launch(argv, { env = {}, uid } = {}) {
      const running = start('nsenter', [...enter.slice(1), ...as(uid), ...argv], {
        ...{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...env } },
      });
      running.child.stdout?.resume();
      running.child.stderr?.resume();
      started.push(running);
      return running;
    },
    client: (args, more) => machine.exec([`${PROGRAMS}/apt-ostree`, ...args], more),
    async daemon(...args) {
      const running = machine.launch([`${PROGRAMS}/apt-ostreed`, ...args]);
      await machine.owned('org.aptostree1');
      return running;
    },
    busctl: (object, ...words) =>
      machine.exec(['busctl', '--system', 'call', 'org.aptostree1', `/org/aptostree1${object}`, ...words]),
    transaction: (method, signature, body, object = 'OS') => transact(world.runtime, method, signature, body, object),
    owned: (wanted, is = true) =>
      found(async () => {
        const { stdout } = await machine.exec([
          ...['busctl', '--system', 'call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus'],
          ...['NameHasOwner', 's', wanted],
        ]);
        return stdout.includes(String(is)) ? true : undefined;
      }).then(() => {}),
    processOf: (running, program) => descendant(running.child.pid as number, program),
    async close() {
      for (const { child } of started) child.kill('SIGKILL');
      process.kill(pid, 'SIGKILL'); // the first process of the namespace: all others go with it
      await bus;
    },
  };
  await machine.owned('org.freedesktop.DBus');
  if (options.rules !== undefined) {
    machine.launch(['/usr/lib/polkit-1/polkitd']);
    await machine.owned('org.freedesktop.PolicyKit1');
  }
  return machine;
}

/** Calls a method that opens a transaction, and waits for its end. */
async function transact(runtime: string, method: string, signature: string, body: readonly unknown[], object: string) {
  const bus = await connectBus(`unix:path=${join(runtime, 'dbus/system_bus_socket')}`);
  try {
    const at = { destination: 'org.aptostree1', path: '/org/aptostree1/debian', interface: `org.aptostree1.${object}` };
    const [address] = await bus.connection.call({ ...at, member: method, signature, body, timeout: 60_000 });
    const peer = await connectPeer(String(address).replace('path=/run', `path=${runtime}`));
    const ended = new Promise<string>((resolve) => {
      peer.onSignal = ({ member, body: [success, message] }) => {
        if (member === 'Finished') resolve(success === true ? '' : String(message));
      };
      void peer.closed.then(() => resolve('the daemon went away'));
    });
    await peer.call({ path: '/', interface: 'org.aptostree1.Transaction', member: 'Start' });
    return await ended.finally(() => peer.destroy());
  } catch (error) {
    if (isDbusError(error)) return error.message;
    throw error;
  } finally {
    bus.connection.destroy();
  }
}

/** As libs/testkit has them, for libostree outside a real machine. */
const DEPLOYING = { OSTREE_SYSROOT_DEBUG: 'mutable-deployments,test-staged-path', SYSTEMD_OFFLINE: '1' };

/** The system's own, with services of ours, started without the helper that only the bus's user may run. */
const busConfiguration = ({ activation, startTimeout = 25_000 }: BusWorldOptions): string => `<busconfig>
  <type>system</type>
  <listen>unix:path=${BUS}</listen>
  <auth>EXTERNAL</auth>
  ${activation ? '<servicedir>/run/services</servicedir>' : ''}
  <limit name="service_start_timeout">${startTimeout}</limit>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <includedir>/etc/dbus-1/system.d</includedir>
</busconfig>
`;

const service = (args: readonly string[], program = `${PROGRAMS}/apt-ostreed`): string => `[D-BUS Service]
Name=org.aptostree1
Exec=${[program, ...args].join(' ')}
User=root
`;

/** Tries until there is something. */
async function found<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const something = await look();
    if (something !== undefined) return something;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come within 20 seconds');
}

/** The bus of this world: its root directory is on the world's sysroot. */
function processWith(program: string, sysroot: string): number | undefined {
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n)))
    try {
      const [first = '', second = ''] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (first !== program || !second.includes(CONFIGURATION)) continue;
      if (isSame(`/proc/${name}/root/sysroot`, sysroot)) return Number(name);
    } catch {
      // it has just ended
    }
  return undefined;
}

/** Whether two paths, seen from different mounts, are one directory. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [statSync(one), statSync(other)];
  return a.ino === b.ino && a.dev === b.dev;
}

function descendant(pid: number, program: string): number {
  if (
    readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((word) => word.includes(program)) &&
    isNode(pid)
  )
    return pid;
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean))
    return descendant(Number(child), program);
  throw new Error(`there is no process of ${program}`);
}

const isNode = (pid: number): boolean => /^(node|MainThread)/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'));

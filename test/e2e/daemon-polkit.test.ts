import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY } from '../lib/bus-world.ts';

/** Nobody may upgrade and look, and nothing else; another user may cancel. */
const RULES = `polkit.addRule(function (action, subject) {
  if (action.id === 'org.aptostree1.upgrade' && subject.user === 'nobody') return polkit.Result.YES;
  if (action.id === 'org.aptostree1.repo-refresh' && subject.user === 'nobody') return polkit.Result.YES;
  if (action.id === 'org.aptostree1.cancel' && subject.user === 'games') return polkit.Result.YES;
  if (action.id.indexOf('org.aptostree1.') === 0) return polkit.Result.NO;
});
`;
const GAMES = 5;

let world: BusWorld;

beforeAll(async () => {
  world = await busWorld('daemon-polkit', { rules: RULES, activation: ['--configuration', '/etc/apt-ostreed.conf'] });
});
afterAll(() => world.close());

const configure = (text: string) => world.write('/etc/apt-ostreed.conf', `[Daemon]\n${text}\n`);

test('the bus starts the daemon, and it ends when nobody needs it', async () => {
  configure('IdleExitTimeout=2');
  expect(await world.client(['daemon-ping'], { uid: NOBODY })).toMatchObject({ exitCode: 0, stdout: 'pong\n' });
  await world.owned('org.aptostree1');
  await world.owned('org.aptostree1', false);
  expect(await world.client(['daemon-ping'])).toMatchObject({ exitCode: 0, stdout: 'pong\n' });
});

test('the configuration is read again, and a wrong one is refused', async () => {
  configure('IdleExitTimeout=0\nAutomaticUpdatePolicy=check');
  expect(await world.client(['reload'])).toMatchObject({ exitCode: 0 });
  const policy = () =>
    world.exec([
      ...['busctl', '--system', 'get-property', 'org.aptostree1', '/org/aptostree1/Sysroot'],
      ...['org.aptostree1.Sysroot', 'AutomaticUpdatePolicy'],
    ]);
  expect((await policy()).stdout).toBe('s "check"\n');
  expect((await world.client(['reload'], { uid: NOBODY })).stderr).toContain(
    "'org.aptostree1.reload-daemon' is not granted",
  );
  configure('IdleExitTimeout=soon');
  expect((await world.client(['reload'])).stderr).toContain("IdleExitTimeout cannot be 'soon'");
  expect((await policy()).stdout).toBe('s "check"\n');
});

test('who is let by polkit upgrades, and does nothing else', async () => {
  const next = await world.nextCommit({ files: { 'usr/share/aot-polkit': 'x' } });
  const { exitCode, stderr } = await world.client(['upgrade'], { uid: NOBODY });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, staged: true });
  for (const command of [['cleanup', '-p'], ['rollback'], ['deploy', next], ['kargs', '--append=x'], ['reset']]) {
    const refused = await world.client(command, { uid: NOBODY });
    expect(refused, command.join(' ')).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr, command.join(' ')).toMatch(
      /^error: '\w+' is not allowed for this user: 'org\.aptostree1\.[\w-]+' is not granted\n/,
    );
  }
  expect((await world.status()).deployments[0]).toMatchObject({ checksum: next });
  expect((await world.client(['upgrade'], { uid: GAMES })).stderr).toContain("'org.aptostree1.upgrade' is not granted");
  expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
});

/** A transaction that nobody has started: a client holds it. */
async function held(uid?: number): Promise<{ kill(): void }> {
  const script = `
import dbus, time
o = dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1/debian')
dbus.Interface(o, 'org.aptostree1.OS').Upgrade({})
time.sleep(60)`;
  const { child } = world.launch(['python3', '-c', script], uid === undefined ? {} : { uid });
  for (;;) {
    const { stdout } = await world.busctl(
      '/Sysroot',
      'org.freedesktop.DBus.Properties',
      'Get',
      'ss',
      'org.aptostree1.Sysroot',
      'ActiveTransactionPath',
    );
    if (!stdout.includes('""')) break;
  }
  return { kill: () => child.kill('SIGKILL') };
}

test('a change is cancelled by who asked for it and by who may, and by nobody else', async () => {
  const client = await held(NOBODY);
  const other = await world.client(['kargs', '--append=x']);
  expect(other.stderr).toContain('error: Transaction in progress: upgrade --stateroot=debian');
  const observer = await world.exec(
    [
      'sh',
      '-c',
      `
    A=$(busctl --system --json=short get-property org.aptostree1 /org/aptostree1/Sysroot org.aptostree1.Sysroot ActiveTransactionPath | jq -r .data)
    python3 - "$A" <<'X'
import dbus.connection, sys
c = dbus.connection.Connection(sys.argv[1])
print(c.call_blocking(None, '/', 'org.aptostree1.Transaction', 'Start', '', ()))
try: c.call_blocking(None, '/', 'org.aptostree1.Transaction', 'Cancel', '', ())
except dbus.DBusException as e: print(e.get_dbus_name())
X`,
    ],
    { uid: GAMES },
  );
  expect(observer.stdout).toBe('0\norg.freedesktop.DBus.Error.AccessDenied\n');
  expect((await world.exec(['ls', '/run/apt-ostreed'], { uid: GAMES })).stderr).toContain('Permission denied');
  expect((await world.client(['cancel'], { uid: 1 })).stderr).toContain("'org.aptostree1.cancel' is not granted");
  expect(await world.client(['cancel'], { uid: GAMES })).toMatchObject({
    ...{ exitCode: 0, stdout: 'Cancelled.\n' },
    stderr: expect.stringContaining('Cancelling transaction: upgrade'),
  });
  client.kill();
});

test('a path of this machine is for root only, whatever polkit says', async () => {
  world.write(
    '/etc/polkit-1/rules.d/05-all.rules',
    "polkit.addRule(function (a) { if (a.id === 'org.aptostree1.rebase') return polkit.Result.YES; });",
  );
  for (let tries = 0; tries < 50; tries++) {
    const { stderr } = await world.client(['rebase', '/srv/repo:x'], { uid: NOBODY });
    if (!stderr.includes('is not granted')) break;
    await new Promise((resolve) => setTimeout(resolve, 100)); // polkitd reads its rules again
  }
  expect((await world.client(['rebase', '/srv/repo:x'], { uid: NOBODY })).stderr).toContain('is for root only');
});

test('a daemon that cannot start: root goes on without it, and is told', async () => {
  configure('IdleExitTimeout=0');
  await world.exec(['sh', '-c', 'kill $(busctl --system status org.aptostree1 | sed -n s/^PID=//p)']);
  await world.owned('org.aptostree1', false);
  configure('AutomaticUpdatePolicy=always');
  const { exitCode, stdout, stderr } = await world.client(['upgrade', '--check']);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('AvailableUpdate') });
  const why = 'cannot start the daemon: apt-ostreed.service: ';
  expect(stderr).toMatch(/^note: .*\n/);
  expect(stderr).toContain(`note: working without the daemon: ${why}`);
  expect(stderr).toContain("('systemctl status apt-ostreed' says more)\n");
  for (const command of [['upgrade'], ['daemon-ping']])
    expect(await world.client(command, { uid: NOBODY })).toMatchObject({
      ...{ exitCode: 1, stdout: '' },
      stderr: expect.stringMatching(
        new RegExp(`^error: ${why}.*\\nhint: 'systemctl status apt-ostreed' says more; root`),
      ),
    });
});

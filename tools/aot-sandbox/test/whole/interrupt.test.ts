import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from '@apt-ostree/run';
import { toolPath, tree } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { type Lab, lab } from '../lab.ts';

/** Starts the tool in a group of its own and waits until the script of `hangs` runs. */
async function hanging(it: Lab) {
  const { child, ended } = start(process.execPath, [toolPath('aot-sandbox'), '--no-configured-cache'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.stdin?.end(JSON.stringify(it.manifest));
  while (!running()) await sleep(20);
  return { pid: child.pid as number, ended };
}

const MARK = `86399.${process.pid}`;
const hangs = { name: 'hangs', scripts: { postinst: `sleep ${MARK}` } };

/** Whether any process has the mark on its command line. */
const running = (): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${MARK}\0`;
    } catch {
      return false;
    }
  });

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s leaves no process, no mount and the tree as it was',
  async (signal) => {
    const it = await lab([hangs]);
    const before = tree(it.rootfs);
    const { pid, ended } = await hanging(it);
    process.kill(-pid, signal);
    const { code } = await ended;
    expect(code).not.toBe(0);
    for (let i = 0; i < 100 && running(); i++) await sleep(20);
    expect(running()).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(it.directory);
    expect(tree(it.rootfs)).toEqual(before);
    const again = await it.run(['--script-timeout', '1']); // it hangs again, but it gets that far
    expect(again.stderr).toContain("'hangs:all': its postinst did not end");
    expect(readdirSync(it.directory).filter((name) => name.startsWith('aot-tmp'))).toEqual([]);
  },
);

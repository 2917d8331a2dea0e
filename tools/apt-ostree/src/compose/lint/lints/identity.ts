import type { Lint } from '../lint.ts';
import { shown } from '../shown.ts';

const MACHINE_ID = ['etc/machine-id', 'var/lib/dbus/machine-id'];

export const machineId: Lint = {
  name: 'machine-id',
  severity: 'error',
  summary: '/etc/machine-id is missing, empty or says uninitialized: each machine gets its own',
  check: ({ tree }) =>
    MACHINE_ID.filter((path) => {
      const id = tree.at(path)?.type === 'file' ? (tree.text(path)?.trim() ?? '') : '';
      return id !== '' && id !== 'uninitialized';
    }).map((path) => `/${path} names one machine`),
};

export const sshHostKeys: Lint = {
  name: 'ssh-host-keys',
  severity: 'error',
  summary: 'there are no host keys in /etc/ssh: all machines would have the same',
  check({ tree }) {
    const keys = tree.list('etc/ssh').filter((name) => /^ssh_host_.*key(?:\.pub)?$/.test(name));
    return shown(keys, (name) => `/etc/ssh/${name} is a key of one machine`);
  },
};

export const randomSeed: Lint = {
  name: 'random-seed',
  severity: 'error',
  summary: 'there is no saved seed of the random number generator',
  check: ({ tree }) =>
    ['var/lib/systemd/random-seed', 'var/lib/urandom/random-seed']
      .filter((path) => tree.at(path))
      .map((path) => `there is /${path}: all machines would begin with the same`),
};

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, type Started, start } from '@apt-ostree/run';
import { Channel } from './channel.ts';

/** Debian's package ovmf. */
const FIRMWARE = { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' };

/** What the kernel says last. */
const RESTARTING = 'reboot: Restarting system';
/** How long a shutdown, and then the firmware's first word, may take beside a suite that has the processors too; seconds. */
const SHUTDOWN = 600;
const SILENCE = 120;

export interface Power {
  firmware: 'uefi' | 'bios';
}

/**
 * A machine in software emulation. It has a disk, a network on which 10.0.2.2 is this host, and a channel over which an
 * agent in the guest runs scripts. It can be cut from power at any moment, and its whole state can be saved and taken up again.
 */
export class Machine {
  readonly directory: string;
  readonly disk: string;
  /** Sockets have short paths only. */
  readonly #sockets = mkdtempSync(join(tmpdir(), 'vm-'));
  #firmware: Power['firmware'] = 'uefi';
  #qemu: Started | undefined;
  #channel: Channel | undefined;

  /** @param directory is made anew; `disk` is moved into it by the caller */
  constructor(directory: string) {
    this.directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    this.disk = join(directory, 'disk.img');
    copyFileSync(FIRMWARE.variables, this.#variables);
  }

  get #variables(): string {
    return join(this.directory, 'variables.fd');
  }

  /** What came over the serial line, menu and kernel included. */
  get console(): string {
    const file = join(this.directory, 'console.log');
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  /** Switches on, and waits until the agent answers. */
  async boot(power: Power): Promise<void> {
    await this.#start(power.firmware);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.#open.expect(/@@READY .*\n/);
  }

  /** Runs a script in the guest. @throws when it fails, with what it said */
  async sh(script: string): Promise<string> {
    const { code, output } = await this.attempt(script);
    if (code !== 0) throw new Error(`ended with ${code}: ${script}\n${output}`);
    return output;
  }

  async attempt(script: string): Promise<{ code: number; output: string }> {
    this.send(script);
    const { before, match } = await this.#open.expect(/@@RC (\d+)\n/);
    return { code: Number(match[1]), output: before };
  }

  /** Starts a script whose end nobody waits for. */
  send(script: string): void {
    this.#open.send(Buffer.from(script).toString('base64'));
  }

  /** Waits until a script that goes on running prints a line. */
  async said(line: string): Promise<void> {
    await this.#open.expect(new RegExp(`${line}\\n`));
  }

  /**
   * Restarts the guest. Now and then the emulator hangs in the reset that the guest asks for after its state was taken up
   * again; it is switched off and on then, which to the disk is the same.
   */
  async reboot(): Promise<void> {
    const before = this.console.length;
    this.send('systemctl reboot');
    if (await this.#hangs(before)) {
      await this.cut();
      await this.#start(this.#firmware);
    }
    await this.ready();
  }

  /** Whether the firmware says nothing long after the guest's kernel has let go of the machine. */
  async #hangs(before: number): Promise<boolean> {
    for (let silence = 0, rest = SHUTDOWN; silence < SILENCE && rest > 0; rest--) {
      await sleep(1000);
      const after = this.console.slice(before).split(RESTARTING)[1];
      if (after === undefined) continue; // it is shutting down
      if (after.trim() !== '') return false;
      silence++;
    }
    return this.console.slice(before).includes(RESTARTING);
  }

  /** Cuts the power: the guest loses what it had not written to its disk. */
  async cut(): Promise<void> {
    this.#channel?.close();
    this.#qemu?.child.kill('SIGKILL');
    await this.#qemu?.ended;
    this.#qemu = undefined;
  }

  /** Saves memory, devices and disk, and goes on. */
  async save(): Promise<void> {
    const { ask, close } = await this.#monitor();
    await ask('stop');
    await ask('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
    await ask('migrate', { uri: `exec:cat > ${this.#saved('memory')}` });
    for (let said = ''; !said.includes('"status": "completed"'); said = await ask('query-migrate'))
      if (said.includes('"status": "failed"')) throw new Error('the state of the machine cannot be saved');
    await copy(this.disk, this.#saved('disk'));
    await copy(this.#variables, this.#saved('variables'));
    await ask('cont');
    close();
  }

  /** Goes back to what `save` saved. */
  async restore(): Promise<void> {
    await this.cut();
    await copy(this.#saved('disk'), this.disk);
    await copy(this.#saved('variables'), this.#variables);
    await this.#start(this.#firmware, ['-incoming', `exec:cat ${this.#saved('memory')}`]);
    const { ask, close } = await this.#monitor();
    while ((await ask('query-status')).includes('inmigrate')) await sleep(100);
    await ask('cont'); // it was stopped when it was saved
    close();
  }

  /** qemu's own commands; one at a time may be connected. */
  async #monitor() {
    const channel = await Channel.open(join(this.#sockets, 'monitor'));
    const ask = async (command: string, args: object = {}): Promise<string> => {
      channel.send(JSON.stringify({ execute: command, arguments: args, id: command }));
      const { match } = await channel.expect(new RegExp(`[^\\n]*"id": "${command}"[^\\n]*\\n`));
      return match[0];
    };
    await ask('qmp_capabilities');
    return { ask, close: () => channel.close() };
  }

  async close(): Promise<void> {
    await this.cut();
    rmSync(this.#sockets, { recursive: true, force: true });
  }

  readonly #saved = (what: string): string => join(this.directory, `saved-${what}`);

  get #open(): Channel {
    if (this.#channel === undefined) throw new Error('the machine is off');
    return this.#channel;
  }

  async #start(firmware: Power['firmware'], more: string[] = []): Promise<void> {
    this.#firmware = firmware;
    const args = [...this.#hardware(), ...(firmware === 'uefi' ? this.#uefi() : []), ...more];
    const command = ['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64', ...args]; // it does not outlive us
    this.#qemu = start('setpriv', command, { stdio: ['ignore', 'inherit', 'inherit'] });
    this.#channel = await Channel.open(join(this.#sockets, 'lab'));
  }

  #uefi(): string[] {
    const flash = 'if=pflash,format=raw';
    return ['-drive', `${flash},readonly=on,file=${FIRMWARE.code}`, '-drive', `${flash},file=${this.#variables}`];
  }

  #hardware(): string[] {
    const socket = (name: string) => `path=${join(this.#sockets, name)},server=on,wait=off`;
    return [
      // cmpxchg16b is emulated wrongly by some versions, and the guest's kernel panics
      ...['-accel', 'tcg,thread=multi,tb-size=1024', '-cpu', 'Nehalem,-cx16', '-smp', '2', '-m', '2048'],
      ...['-machine', 'q35', '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-serial', `file:${join(this.directory, 'console.log')}`, '-qmp', `unix:${socket('monitor').slice(5)}`],
      ...['-drive', `if=virtio,format=raw,cache=unsafe,file=${this.disk}`, '-device', 'virtio-rng-pci'],
      ...['-netdev', 'user,id=network', '-device', 'virtio-net-pci,netdev=network'],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=lab,${socket('lab')}`],
      ...['-device', 'virtserialport,chardev=lab,name=lab'],
    ];
  }
}

const copy = (from: string, to: string) => run('cp', ['--sparse=always', '--', from, to]);

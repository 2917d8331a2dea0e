import { linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { biosBoot } from '../../src/compose/disk/bios-boot.ts';
import { identifiers } from '../../src/compose/disk/identifiers.ts';
import { layOut, MIB, overhead, partition, partitionTable } from '../../src/compose/disk/partitions.ts';
import { chooseSize, Measure } from '../../src/compose/disk/size.ts';

test('partitions follow one another on whole MiB, and root takes what is left', () => {
  for (const separate of [false, true]) {
    const { partitions } = layOut(4096 * MIB, separate);
    expect(partitions.map((p) => p.name)).toEqual(['bios', 'esp', ...(separate ? ['boot'] : []), 'root']);
    partitions.forEach((p, i) => {
      const before = partitions[i - 1];
      expect(p.start).toBe(before === undefined ? MIB : before.start + before.size);
      expect(p.start % MIB).toBe(0);
    });
    const root = partition({ size: 4096 * MIB, partitions }, 'root');
    expect(root.start + root.size).toBe(4095 * MIB);
    expect(root.size).toBe(4096 * MIB - overhead(separate));
  }
});

test('identifiers come from the commit and the settings, and are UUIDs of version 8', () => {
  const ids = identifiers('a'.repeat(64), { size: 1 });
  expect(identifiers('a'.repeat(64), { size: 1 }).root).toBe(ids.root);
  const others = [ids.boot, ids.disk, ids.hashSeed, ids.partition('root'), ids.partition('esp')];
  const changed = [identifiers('b'.repeat(64), { size: 1 }).root, identifiers('a'.repeat(64), { size: 2 }).root];
  expect(new Set([ids.root, ...others, ...changed]).size).toBe(8);
  for (const id of [ids.root, ...others])
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.esp).toMatch(/^[0-9a-f]{8}$/);
});

test('the table names the types of the Discoverable Partitions Specification', () => {
  const ids = identifiers('a'.repeat(64), {});
  const table = partitionTable(layOut(4096 * MIB, false), ids, 'x64').split('\n');
  expect(table.slice(0, 2)).toEqual(['label: gpt', `label-id: ${ids.disk}`]);
  expect(table.find((line) => line.endsWith('name=esp'))).toContain('start=4096, size=262144, type=C12A7328-');
  expect(table.find((line) => line.endsWith('name=root'))).toContain('type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709');
  expect(partitionTable(layOut(4096 * MIB, false), ids, 'arm64')).toContain('B921B045-1DF0-41C3-AF44-4C6F280D3FAE');
});

test("GRUB's first sector gets the loader's place, and the loader the list of its blocks", () => {
  const boot = Buffer.alloc(512, 0x11);
  boot.writeUInt16LE(0xaa55, 510);
  const { code, core } = biosBoot(boot, Buffer.alloc(1300, 0x22), MIB, MIB);
  expect([code.length, code.readBigUInt64LE(0x5c), code.readUInt16LE(0x66)]).toEqual([440, 2048n, 0x9090]);
  expect(core.length).toBe(1536); // whole sectors
  expect([core.readBigUInt64LE(0x1f4), core.readUInt16LE(0x1fc), core.readUInt16LE(0x1fe)]).toEqual([2049n, 2, 0x820]);
  expect(core.subarray(512, 1300).equals(Buffer.alloc(788, 0x22))).toBe(true);
});

test('a boot loader that is none, or has no room', () => {
  const boot = Buffer.alloc(512);
  expect(() => biosBoot(boot, Buffer.alloc(1024), MIB, MIB)).toThrow('are not what they should be');
  boot.writeUInt16LE(0xaa55, 510);
  expect(() => biosBoot(boot, Buffer.alloc(512), MIB, MIB)).toThrow('are not what they should be');
  expect(() => biosBoot(boot, Buffer.alloc(MIB + 1), MIB, MIB)).toThrow('larger than its partition');
});

test('the size of the disk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aot-size-'));
  mkdirSync(join(directory, 'd/usr/share'), { recursive: true });
  writeFileSync(join(directory, 'file'), Buffer.alloc(100 * MIB));
  linkSync(join(directory, 'file'), join(directory, 'd/hardlink'));
  linkSync(join(directory, 'file'), join(directory, 'd/usr/share/hardlink'));
  symlinkSync('file', join(directory, 'd/link'));
  const measure = new Measure();
  measure.add(join(directory, 'file'));
  measure.add(directory, join(directory, 'd/usr')); // what was counted before counts once
  const { content } = measure;
  expect(content).toEqual({ bytes: 100 * MIB + 4 * 4096, inodes: 6 }); // the hardlink counts once
  const size = chooseSize(content, { size: undefined, separateBoot: false });
  expect(size.disk).toBe(4096 * MIB);
  expect(size.needed).toBeGreaterThan((100 + 128 + 64) * MIB);
  expect(size.needed).toBeLessThan(500 * MIB);
  expect(chooseSize(content, { size: size.needed, separateBoot: false }).disk).toBe(size.needed);
  const small = () => chooseSize(content, { size: size.needed - MIB, separateBoot: false });
  expect(small).toThrow(`cannot make a disk of ${size.needed / MIB - 1}M: the commit needs ${size.needed / MIB}M`);
});

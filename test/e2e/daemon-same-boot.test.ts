import { row, testSame } from '../lib/twins.ts';

const editor = (script: string) => ({ env: { EDITOR: `sed -i ${script}` } });

testSame('daemon-same-boot', [
  // what boots
  row('kargs --append=quiet --append-if-missing=quiet --lock-finalization'),
  row('kargs --append-if-missing=quiet --unchanged-exit-77'),
  row('kargs --replace=console=ttyS0=ttyS1 --delete-if-present=none'),
  row('kargs --delete=none'),
  row('kargs --append=a.b --deploy-index=1'),
  row('kargs --append=a.b --deploy-index=9'),
  row('kargs --import-proc-cmdline --append=aot.imported'),
  row('kargs --editor', editor('s/aot.imported/aot.edited/')),
  row('kargs --editor', editor('s/none/none/')),
  row('kargs --editor --unchanged-exit-77', editor('s/none/none/')),
  row('kargs --editor --deploy-index=0', editor('s/^root/aot.first=1\\ root/')),
  row('kargs --editor', editor('d')),
  row('kargs --editor --append=x'),
  row('kargs'),
  row('initramfs'),
  row('initramfs --disable'),
  row('initramfs-etc'),
  row('initramfs-etc --track=/usr/x'),
  row('initramfs-etc --untrack-all --unchanged-exit-77'),
  row('initramfs-etc --track=/etc/issue --track=/etc/motd'),
  row('initramfs-etc'),
  row('initramfs-etc --untrack=/etc/motd --force-sync --unchanged-exit-77'),
  row('initramfs --enable --arg=--quiet'),
  row('initramfs'),
  row('reset --initramfs'),
  row('cleanup -b -p -r -m'),
]);

import type { ArchivePackage } from '@apt-ostree/testkit';

const SOURCE = `#include <linux/init.h>
#include <linux/module.h>
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Says nothing");
static int __init begin(void) { return WORD; }
static void __exit end(void) { }
module_init(begin);
module_exit(end);
`;

/** Asks uname which headers to take, as sources do that were not written for DKMS. */
const MAKEFILE = `obj-m += NAME.o
all:
\tmake -C /lib/modules/$(shell uname -r)/build M=$(CURDIR) modules
`;

/** A package of a kernel module as debhelper makes it: the source, and the scripts that dh_dkms writes. */
export function dkmsPackage(name: string, { word = '0', conf = '' } = {}): ArchivePackage {
  const version = '1.0';
  const place = `/usr/src/${name}-${version}`;
  return {
    name: `${name}-dkms`,
    version: `${version}-1`,
    control: { Depends: 'dkms (>= 2.1.0.0)' },
    files: {
      [`${place}/${name}.c`]: SOURCE.replace('WORD', word),
      [`${place}/Makefile`]: MAKEFILE.replace('NAME', name),
      [`${place}/dkms.conf`]: `PACKAGE_NAME="${name}"
PACKAGE_VERSION="${version}"
BUILT_MODULE_NAME[0]="${name}"
DEST_MODULE_LOCATION[0]="/kernel/extra"
AUTOINSTALL="yes"
${conf}`,
    },
    scripts: {
      postinst: `test "$1" != configure || /usr/lib/dkms/common.postinst ${name} ${version} /usr/share/${name}-dkms "" "$2"`,
      prerm: `case "$1" in
remove|upgrade|deconfigure)
  test -z "$(dkms status -m ${name} -v ${version})" || dkms remove -m ${name} -v ${version} --all ;;
esac`,
    },
  };
}

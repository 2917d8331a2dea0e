/** Where /usr/local leads where it is the machine's. */
export const MACHINE_LOCAL = 'var/usrlocal';

/** Where files are that packages ship in /usr/local, beside SHIPPED_OPT for those in /opt. */
export const SHIPPED_LOCAL = 'usr/lib/usrlocal';

/** Where /opt leads where it is the machine's. */
export const MACHINE_OPT = 'var/opt';

/** Where directories are that packages ship in /opt. */
export const SHIPPED_OPT = 'usr/lib/opt';

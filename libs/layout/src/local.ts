/** Where /usr/local leads where it is the machine's. */
export const MACHINE_LOCAL = 'var/usrlocal';

/** Where files are that packages ship in /usr/local, beside /usr/lib/opt for those in /opt. */
export const SHIPPED_LOCAL = 'usr/lib/usrlocal';

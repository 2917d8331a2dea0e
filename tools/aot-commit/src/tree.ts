export { byBytes, type Entry, Tree } from '@apt-ostree/ostree';

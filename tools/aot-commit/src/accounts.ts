export { accounts, type Group, parseGroup, parsePasswd, type User } from '@apt-ostree/ostree';

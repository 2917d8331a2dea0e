/** The daemon's name on the bus; its interfaces and polkit actions begin with it. */
export const BUS_NAME = 'org.aptostree1';

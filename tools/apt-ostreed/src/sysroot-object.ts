import type { Implementation } from '@apt-ostree/dbus';
import type { Service } from './daemon.ts';
import { failure } from './names.ts';
import { Options, text } from './requests/arguments.ts';

/** The object of the sysroot; `root` is where the objects of the stateroots are. */
export function sysrootObject(service: Service, root: string): Implementation {
  return {
    properties: {
      Booted: () => service.pathOfOs(root, service.state.sysroot.booted?.stateroot) ?? '/',
      Path: () => service.state.sysroot.path,
      ActiveTransaction: () => active(service, root),
      ActiveTransactionPath: () => service.transactions.current?.observerAddress ?? '',
      AutomaticUpdatePolicy: () => service.configuration.automaticUpdatePolicy,
      Deployments: () => service.state.deployments,
    },
    methods: {
      RegisterClient: async ({ args: [given], sender }) => {
        const id = new Options(given, { id: 's' }).text('id');
        await service.clients.register(sender as string, id ?? '');
        return [];
      },
      UnregisterClient: ({ args: [given], sender }) => {
        new Options(given, { id: 's' });
        service.clients.unregister(sender as string);
        return [];
      },
      Reload: async () => {
        await service.reload();
        return [];
      },
      ReloadConfig: async ({ sender }) => {
        await service.allow(sender, 'ReloadConfig', ['reload-daemon']);
        service.reloadConfiguration();
        await service.reload();
        return [];
      },
      GetOS: ({ args: [name] }) => [osPath(service, root, text('name', name))],
      CancelTransaction: async ({ sender }) => {
        await service.cancelFor(sender);
        return [];
      },
    },
  };
}

/** Of the stateroot; an empty name is the booted one. */
function osPath(service: Service, root: string, name: string): string {
  const wanted = name === '' ? service.state.sysroot.booted?.stateroot : name;
  const path = service.pathOfOs(root, wanted);
  if (path !== undefined) return path;
  throw failure(
    'Failed',
    name === '' ? 'no system of this sysroot is booted' : `OS name "${name.slice(0, 120)}" not found`,
  );
}

/** Method, who asked, and the object. */
function active(service: Service, root: string): string[] {
  const current = service.transactions.current;
  return current === undefined ? ['', '', ''] : [current.request.method, current.caller.name, root];
}

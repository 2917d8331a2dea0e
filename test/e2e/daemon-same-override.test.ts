import { row, testSame } from '../lib/twins.ts';

testSame('daemon-same-override', [
  // packages of the base
  row('override remove htop --dry-run'),
  row('override remove htop'),
  row('override remove aot-is-not-there'),
  row('override reset --all --dry-run'),
  row('override reset --all --install=aot-a'),
  row('override reset --all'),
  row('override replace /run/htop.deb --remove=less'),
  row('override replace htop'),
  row('override reset less'),
  row('override replace --experimental --from=repo=testkit htop'),
  row('override replace --experimental --from=repo=nowhere htop'),
  row('override reset --all'), // what is replaced already is not frozen
  row('override replace --experimental --from=repo=testkit --freeze htop'),
  row('override replace --from=repo=testkit htop'),
  row('override remove less --replace=/run/htop.deb --install=URL/aot-url.deb'),
  row('override reset htop less --uninstall=aot-a'),
  row('override reset'),
  row('reset --overrides'),
  row('reset'),
]);

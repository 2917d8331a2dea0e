import type { Keep } from '@apt-ostree/layout';
import { readText } from '@apt-ostree/run';

/** Our own caches: they stay until `cleanup -m`, as the next command of the build wants them. */
const CACHE = 'var/cache/apt-ostree';

/** What is no part of the image, or may stay in it: mounts of the container engine and of builds, its marks, our caches. */
export function notOurs(mountinfo = readText('/proc/self/mountinfo')): Keep {
  const places = new Set([CACHE, '.dockerenv', ...mountPoints(mountinfo)]);
  return (path) => {
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1))
      if (places.has(path.slice(0, at))) return true;
    return false;
  };
}

/** The fifth field of each line, with octal escapes: proc_pid_mountinfo(5). */
function mountPoints(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const place = line.split(' ')[4];
    return place === undefined
      ? []
      : [place.slice(1).replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)))];
  });
}

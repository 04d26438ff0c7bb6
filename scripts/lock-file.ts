// What npm's lock file says about optional packages: the builds of one program for many systems. Pure.

interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface LockFile {
  packages: Record<string, LockedPackage>;
}

const SYSTEM = /[-/](android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?:-|$)/;
const PROCESSOR = /-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64|wasm32)(?:-|$)/;

/** Entries for the optional packages that some locked package names but the lock file does not have, by their place in it. */
export function missingBuilds(lock: LockFile): Record<string, LockedPackage> {
  const missing = Object.values(lock.packages).flatMap((locked) =>
    Object.entries(locked.optionalDependencies ?? {})
      .filter(([name]) => !(`node_modules/${name}` in lock.packages))
      .map(([name, range]) => [`node_modules/${name}`, entry(name, range, locked)] as const),
  );
  return Object.fromEntries(missing);
}

function entry(name: string, range: string, neededBy: LockedPackage): LockedPackage {
  const os = name === 'fsevents' ? 'darwin' : SYSTEM.exec(name)?.[1];
  const cpu = PROCESSOR.exec(name)?.[1];
  if (!os && !cpu) throw new Error(`${name} is not in the lock file, and its name does not say for which system it is`);
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(neededBy.dev && { dev: true }),
    ...(name.endsWith('musl') && { libc: ['musl'] }),
    optional: true,
    ...(os && { os: [os] }),
  };
}

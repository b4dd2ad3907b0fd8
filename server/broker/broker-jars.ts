import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#lib/errors/app-error.ts';
import { runTool } from './run-tool.ts';

/** Resolving 93 jars takes 3 to 9 s with a warm mirror (measured 2026-11); a slow line gets ten minutes. */
const MAVEN_TIMEOUT_MS = 600_000;

export interface JarsWanted {
  /** Where they are kept, one folder for each content of the pom. */
  readonly jarsDir: string;
  readonly pomFile: string;
  readonly onProgress: (step: string) => void;
  /** Command that runs Maven, default `mvn`. */
  readonly maven?: string;
}

/**
 * The folder with the broker's jars for this `pom.xml`, filled by Maven the first time. A folder under its final name is complete: Maven fills a
 * temporary one that is renamed at the end, so neither a crash nor two starts at once leave a half (BR2).
 */
export async function resolveBrokerJars(wanted: JarsWanted): Promise<string> {
  const { jarsDir, pomFile, onProgress, maven = 'mvn' } = wanted;
  const hash = createHash('sha256')
    .update(await readFile(pomFile))
    .digest('hex')
    .slice(0, 12);
  const complete = join(jarsDir, `kafka-${hash}`);
  if (await exists(complete)) return complete;
  onProgress('Fetching the Kafka broker with Maven (55 MB, only the first time)');
  await mkdir(jarsDir, { recursive: true });
  const partial = join(jarsDir, `.partial-${randomUUID()}`);
  try {
    await runTool({
      command: maven,
      args: [
        '-q',
        '-B',
        '-f',
        pomFile,
        'dependency:copy-dependencies',
        `-DoutputDirectory=${partial}`,
        '-DincludeScope=runtime',
      ],
      timeoutMs: MAVEN_TIMEOUT_MS,
      absent: `The embedded Kafka broker needs Maven to fetch its jars, and ${maven} was not found. Install Maven and Java 17, or set KAFKA_BROKERS to a cluster of yours, or KAFKA_HOME to an unpacked Kafka.`,
      failed:
        'Maven could not fetch the jars of the embedded Kafka broker. Check the network or the Maven settings, or set KAFKA_BROKERS to a cluster of yours.',
    });
    const jars = await readdir(partial);
    if (!jars.some((name) => name.startsWith('kafka_'))) {
      throw new AppError(
        'broker/failed',
        `Maven ended without an error but brought no Kafka broker for ${pomFile}. Run \`mvn dependency:copy-dependencies\` there to see why, or set KAFKA_BROKERS.`,
        { jars: jars.length },
      );
    }
    await rename(partial, complete).catch(async (error: unknown) => {
      if (!(await exists(complete))) throw error; // another start was faster: its folder is as good
    });
    return complete;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

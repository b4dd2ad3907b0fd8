import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveBrokerJars } from './broker-jars.ts';

/** A stand-in for Maven: writes its call down and does what the test wants with the folder it is given. */
const maven = (body: string) => `#!/bin/sh
echo called >> "$(dirname "$0")/calls"
for arg in "$@"; do case "$arg" in -DoutputDirectory=*) out="\${arg#-DoutputDirectory=}";; esac; done
${body}
`;

describe('the jars of the embedded broker', () => {
  let dir: string;
  let command: string;
  const steps: string[] = [];
  const resolve = (over: { maven?: string } = {}) =>
    resolveBrokerJars({
      jarsDir: join(dir, 'jars'),
      pomFile: join(dir, 'pom.xml'),
      onProgress: (step) => steps.push(step),
      maven: command,
      ...over,
    });
  const useMaven = async (body: string) => {
    await writeFile(command, maven(body));
    await chmod(command, 0o755);
  };
  const calls = async () => (await readdir(dir)).includes('calls');

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'freshet-jars-'));
    command = join(dir, 'mvn');
    steps.length = 0;
    await writeFile(join(dir, 'pom.xml'), '<project/>');
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test('[BR2] Maven fills the folder once; the same pom finds it complete, another pom gets its own', async () => {
    await useMaven('mkdir -p "$out"; touch "$out/kafka_2.13.jar"');
    const first = await resolve();
    expect(await readdir(first)).toEqual(['kafka_2.13.jar']);
    expect(steps).toHaveLength(1);
    await rm(join(dir, 'calls'));
    expect(await resolve()).toBe(first);
    expect(await calls()).toBe(false);
    await writeFile(join(dir, 'pom.xml'), '<project>other</project>');
    expect(await resolve()).not.toBe(first);
    expect(await calls()).toBe(true);
  });

  test('[BR2] a Maven that fails halfway leaves nothing that looks complete', async () => {
    await useMaven(
      'mkdir -p "$out"; touch "$out/kafka_2.13.jar"; echo no route to host >&2; exit 1',
    );
    await expect(resolve()).rejects.toMatchObject({
      code: 'broker/failed',
      message: expect.stringContaining('KAFKA_BROKERS'),
      details: { output: expect.stringContaining('no route to host') },
    });
    expect(await readdir(join(dir, 'jars'))).toEqual([]);
  });

  test('[BR2] a Maven that brings no broker is an error, too', async () => {
    await useMaven('mkdir -p "$out"; touch "$out/other.jar"');
    await expect(resolve()).rejects.toMatchObject({ code: 'broker/failed' });
  });

  test('[BR7] without Maven the sentence says what to install, or which setting to use instead', async () => {
    await expect(resolve({ maven: join(dir, 'nowhere') })).rejects.toMatchObject({
      code: 'broker/absent',
      message: expect.stringMatching(/Install Maven and Java 17.*KAFKA_BROKERS.*KAFKA_HOME/),
    });
  });

  test('[BR2] two starts at once both get the whole folder', async () => {
    await useMaven('mkdir -p "$out"; touch "$out/kafka_2.13.jar"');
    const [one, two] = await Promise.all([resolve(), resolve()]);
    expect(one).toBe(two);
    expect(await readdir(join(dir, 'jars'))).toHaveLength(1);
  });
});

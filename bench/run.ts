import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { StackBroker } from '../checks/stack/stack.ts';
import { measurePaint, type PaintResult } from './paint.ts';
import { fillPayments } from './payments-log.ts';
import { paymentsPlans } from './payments-plans.ts';

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 400_000);
const ROUNDS = 3;
const OUT = 'bench/results/latest.json';

interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly metrics: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const thousands = (n: number): string => Math.round(n).toLocaleString('en');

function timed(script: string, args: readonly string[]): Timing {
  const out = execFileSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Timing;
}

async function measureCompute(broker: StackBroker) {
  say(`filling a topic with ${thousands(RECORDS)} payments`);
  const topic = await fillPayments(broker.brokers, RECORDS);
  const plain = paymentsPlans(topic).map(({ closure }) => ({
    where: closure.where,
    groupBy: closure.groupBy,
    sizeMs: closure.window.sizeMs,
    measure: closure.measure.kind,
  }));
  const args = [broker.brokers.join(','), topic, String(RECORDS)];
  const ours: Timing[] = [];
  const theirs: Timing[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    // Turn about, so that a busy minute of the machine hits both.
    theirs.push(timed('bench/compute-plain.ts', [...args, JSON.stringify(plain)]));
    ours.push(timed('bench/compute-ours.ts', args));
    say(
      `round ${String(round)}: plain ${String(Math.round(theirs.at(-1)?.cpuMs ?? 0))} ms CPU, Freshet ${String(Math.round(ours.at(-1)?.cpuMs ?? 0))} ms CPU`,
    );
  }
  const perSecond = (list: readonly Timing[], of: 'wallMs' | 'cpuMs') =>
    (RECORDS * 1_000) / median(list.map((t) => t[of]));
  return {
    records: RECORDS,
    metrics: plain.length,
    freshet: { perCpuSecond: perSecond(ours, 'cpuMs'), perSecond: perSecond(ours, 'wallMs') },
    plain: { perCpuSecond: perSecond(theirs, 'cpuMs'), perSecond: perSecond(theirs, 'wallMs') },
    ratioCpu: perSecond(ours, 'cpuMs') / perSecond(theirs, 'cpuMs'),
    ratioWall: perSecond(ours, 'wallMs') / perSecond(theirs, 'wallMs'),
    rounds: { ours, theirs },
  };
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: process.version,
  version: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
};

const broker = await StackBroker.open();
try {
  const compute = await measureCompute(broker);
  const paint: PaintResult[] = [];
  for (const perSecond of [100, 5_000]) {
    say(`event to painted at ${thousands(perSecond)} events/s`);
    paint.push(await measurePaint(broker, perSecond));
  }
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(OUT, `${JSON.stringify({ machine, compute, paint }, null, 2)}\n`);

  say(
    `\n${machine.cpu}, ${String(machine.cores)} cores, ${String(machine.memoryGiB)} GiB, ${machine.system}, Node ${machine.node}\n`,
  );
  say(
    `compute, ${String(compute.metrics)} example metrics, ${thousands(RECORDS)} records     per CPU second   per second`,
  );
  say(
    `  KafkaJS eachBatch + JSON.parse + Map          ${thousands(compute.plain.perCpuSecond).padStart(14)} ${thousands(compute.plain.perSecond).padStart(12)}`,
  );
  say(
    `  Freshet (CRC, exact, checkpointed, published) ${thousands(compute.freshet.perCpuSecond).padStart(14)} ${thousands(compute.freshet.perSecond).padStart(12)}`,
  );
  say(
    `  ratio                                         ${compute.ratioCpu.toFixed(2).padStart(14)} ${compute.ratioWall.toFixed(2).padStart(12)}\n`,
  );
  say('event to painted, ms            events/s     p50     p90     p99');
  for (const { perSecond, cadence, total, hops } of paint) {
    const row = (name: string, p50: number, p90: number, p99: number) =>
      say(
        `  ${name.padEnd(28)} ${thousands(perSecond).padStart(9)} ${p50.toFixed(1).padStart(7)} ${p90.toFixed(1).padStart(7)} ${p99.toFixed(1).padStart(7)}`,
      );
    row(`whole way, ${cadence}`, total.p50, total.p90, total.p99);
    for (const hop of hops)
      say(
        `    ${hop.name.padEnd(26)} ${''.padStart(9)} ${hop.p50.padStart(7)}         p95 ${hop.p95}`,
      );
  }
  say(`\nwritten to ${OUT}`);
} finally {
  await broker.close();
}

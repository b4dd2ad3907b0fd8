import { expect, test } from 'vitest';
import { ClockSteps } from './clock-steps.ts';
import { epochMs, type MonoMs } from './instant.ts';

function handClock() {
  const hands = { wall: 1_800_000_000_000, mono: 500 };
  const clock = { now: () => epochMs(hands.wall), monotonic: () => hands.mono as MonoMs };
  const pass = (ms: number): void => {
    hands.wall += ms;
    hands.mono += ms;
  };
  return { hands, clock, pass };
}

test('[CK6] time that passes on both clocks is no step, however long', () => {
  const { clock, pass } = handClock();
  const steps = new ClockSteps(clock);
  pass(3_600_000);
  expect(steps.stepped()).toBe(false);
});

test.each([
  ['a sleep', 60_000],
  ['a wall clock set back', -2_000],
])('[CK6] %s is a step, and is told once', (_, by) => {
  const { hands, clock, pass } = handClock();
  const steps = new ClockSteps(clock);
  hands.wall += by;
  pass(100);
  expect(steps.stepped()).toBe(true);
  expect(steps.stepped()).toBe(false);
});

test('[CK6] slewing by a little at each look is followed without a step', () => {
  const { hands, clock, pass } = handClock();
  const steps = new ClockSteps(clock);
  for (let look = 0; look < 100; look += 1) {
    pass(1_000);
    hands.wall += 50;
    expect(steps.stepped()).toBe(false);
  }
});

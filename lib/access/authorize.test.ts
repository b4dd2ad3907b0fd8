import { expect, test } from 'vitest';
import { authorize } from '#lib/access/authorize.ts';

const board = { kind: 'board', name: 'shop', owner: 'a', classes: [], dims: [] } as const;

test('[AC1] the local owner may do everything', () => {
  for (const action of [
    'view',
    'explain',
    'edit',
    'apply',
    'acknowledge',
    'replay',
    'administer',
  ] as const)
    expect(authorize({ kind: 'local-owner' }, action, board)).toEqual({ allowed: true });
});

test('[AC1] nobody else may do anything, and is told what to do', () => {
  expect(authorize({ kind: 'anonymous' }, 'view', board)).toEqual({
    allowed: false,
    reason: 'Sign in to view board "shop".',
  });
});

/** Who asks. Beyond loopback the server refuses to start until sign-in is set up, so today's viewers are these two. */
export type Viewer =
  /** Whoever reaches this machine's loopback address: the person who started it. */
  { readonly kind: 'local-owner' } | { readonly kind: 'anonymous' };

export type Action =
  'view' | 'explain' | 'edit' | 'apply' | 'acknowledge' | 'replay' | 'administer';

export interface Resource {
  readonly kind: 'board' | 'metric' | 'definitions' | 'status' | 'demo';
  /** Null for a collection. */
  readonly name: string | null;
  readonly owner: string | null;
  /** Classes of the fields that its values are made of. */
  readonly classes: readonly string[];
  readonly dims: readonly string[];
}

export type Verdict =
  { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * The one function every page, REST call and feed request passes (AC1). It is asked when a viewer joins and again when
 * definitions change.
 */
export function authorize(viewer: Viewer, action: Action, resource: Resource): Verdict {
  if (viewer.kind === 'local-owner') return { allowed: true };
  const what = resource.name === null ? resource.kind : `${resource.kind} "${resource.name}"`;
  return { allowed: false, reason: `Sign in to ${action} ${what}.` };
}

/**
 * Why an expression has no value for a record: a null where a value is needed, a division by zero, an overflow. It is data, not a failure:
 * the record is invalid for that metric, with this sentence as the reason (EX5).
 */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

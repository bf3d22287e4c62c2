import { PalmkeyError } from '@palmkey/envelope';

/**
 * A rule that cannot be: `bad-pattern` (no pattern of host names), `only-negated` (patterns with `!` alone match
 * nothing), `no-such-pattern` (it was not switched off), `too-many-rules`.
 */
export class KeyRuleError extends PalmkeyError {
  override readonly name = 'KeyRuleError';
  readonly code: 'bad-pattern' | 'only-negated' | 'no-such-pattern' | 'too-many-rules';
  readonly pattern: string | null;

  constructor(code: KeyRuleError['code'], pattern: string | null) {
    super(code);
    this.code = code;
    this.pattern = pattern;
  }
}

/** The keys that Duplicati's rules read. */
interface DuplicatiRulesConfig {
  /** `laterbase:dumps`. */
  dumps?: object | undefined;
  /** `laterbase:duplicati`. */
  duplicati?: object | undefined;
}

/** The rules of Duplicati: one sentence for each that is broken, without its full stop. */
export function duplicatiRules({ dumps, duplicati }: DuplicatiRulesConfig): string[] {
  if (!duplicati || dumps) return [];
  return [
    "laterbase:duplicati stores dumps: set laterbase:dumps too, such as { retentionDays: 7 }",
  ];
}

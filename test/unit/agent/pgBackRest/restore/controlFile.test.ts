import { withSystem } from "../../../../../scripts/agent/pgBackRest/restore/controlFile";

/** Fields, their CRC-32C as the last one, and zeros up to the size of the file. */
function control(fields: string): Buffer {
  const file = Buffer.alloc(8192);
  file.write(fields, "latin1");
  return file;
}

it("a control file gets another system identifier and the CRC of it", () => {
  const file = control("12345678\u0001\u0002\u0003\u0004");
  // A CRC that fits, of the twelve bytes before it.
  const changed = withSystem(withCrc(file, 12), 0x3837_3635_3433_3231n);
  expect(changed.subarray(0, 8).toString("latin1")).toBe("12345678");
  expect(changed).toEqual(withCrc(file, 12));
  const other = withSystem(withCrc(file, 12), 7_578_071_526_401_413_147n);
  expect(other.readBigUInt64LE(0)).toBe(7_578_071_526_401_413_147n);
  expect(other.subarray(8, 12)).toEqual(file.subarray(8, 12));
  // Back again: the CRC was right.
  expect(withSystem(other, 0x3837_3635_3433_3231n)).toEqual(withCrc(file, 12));
});

it("a file without a CRC is refused", () => {
  expect(() => withSystem(control("12345678 and no CRC"), 1n)).toThrow("no CRC");
});

/** CRC-32C bit by bit, another way than the program's. */
function withCrc(file: Buffer, end: number): Buffer {
  let crc = 0xffff_ffff;
  for (const byte of file.subarray(0, end)) {
    for (let bit = 0; bit < 8; bit++) {
      const one = (crc ^ (byte >>> bit)) & 1;
      crc = one ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
    }
  }
  const whole = Buffer.from(file);
  whole.writeUInt32LE(~crc >>> 0, end);
  return whole;
}

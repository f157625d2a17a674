import { walMegabytes } from "../../../contract/walSize";

it.each([
  ["16", 16],
  ["0x20", 32],
  ["040", 32],
  [" 32 MB ", 32],
  ["32768kB", 32],
  ["33554432B", 32],
  ["0.5GB", 512],
  ["1e3", 1000],
  ["4GB", 4096],
  ["1TB", 1048576],
])("reads %j as PostgreSQL does, in MB", (value, megabytes) => {
  expect(walMegabytes(value)).toBe(megabytes);
});

it.each(["", "MB", "16mb", "16 Mb", "-1", "16M", "a"])("leaves %j to PostgreSQL", (value) => {
  expect(walMegabytes(value)).toBeUndefined();
});

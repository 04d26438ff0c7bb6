'use strict';
// node-ssdp is always given a `location` (see src/platform/ssdp.ts), so its one call never happens.
exports.address = () => '127.0.0.1';

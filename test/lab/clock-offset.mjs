// For `node --import`: the machine's clock is LAB_CLOCK_OFFSET_MS wrong, as far as this program can see (time namespaces leave the wall clock alone).
const rightNow = Date.now;
const offsetMs = Number(process.env.LAB_CLOCK_OFFSET_MS);
Date.now = () => rightNow() + offsetMs;

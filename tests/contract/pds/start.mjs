// Starts a personal data server and its directory of identities on loopback, both empty and thrown away with the
// process. Prints one line of JSON when both answer; stops when its standard input closes, and so never outlives
// the tests.
//
// usage: node start.mjs DATA_DIRECTORY PDS_PORT
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import net from "node:net"
import { join } from "node:path"

const require = createRequire(import.meta.url)
const [directory, port] = process.argv.slice(2)

// Both servers listen on every address of the machine and have no setting for it.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  return typeof first === "number" ? listen.call(this, first, "127.0.0.1", ...rest) : listen.call(this, first, ...rest)
}

process.env.LOG_ENABLED = "false"
const { PlcServer, Database } = require("@did-plc/server")
const { PDS, envToCfg, envToSecrets, readEnv } = require("@atproto/pds")

const plc = PlcServer.create({ db: Database.mock(), port: 0 })
const plcListening = await plc.start()
if (!plcListening.listening) await new Promise((done) => plcListening.once("listening", done))

const hex = (bytes) => randomBytes(bytes).toString("hex")
const jwtSecret = hex(16)
mkdirSync(join(directory, "blobs"), { recursive: true })
Object.assign(process.env, {
  PDS_PORT: port,
  PDS_HOSTNAME: "localhost",
  PDS_SERVICE_HANDLE_DOMAINS: ".test",
  PDS_DATA_DIRECTORY: directory,
  PDS_BLOBSTORE_DISK_LOCATION: join(directory, "blobs"),
  PDS_DID_PLC_URL: `http://127.0.0.1:${plcListening.address().port}`,
  PDS_INVITE_REQUIRED: "false",
  PDS_DEV_MODE: "true",
  PDS_DISABLE_SSRF_PROTECTION: "true",
  PDS_CRAWLERS: "",
  PDS_JWT_SECRET: jwtSecret,
  PDS_DPOP_SECRET: hex(32),
  PDS_ADMIN_PASSWORD: hex(16),
  PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: hex(32),
})
const env = readEnv()
const pds = await PDS.create(envToCfg(env), envToSecrets(env))
const pdsListening = await pds.start()
if (!pdsListening.listening) await new Promise((done) => pdsListening.once("listening", done))

console.log(JSON.stringify({ port: Number(port), jwtSecret }))

process.stdin.on("end", () => process.exit(0))
process.stdin.resume()

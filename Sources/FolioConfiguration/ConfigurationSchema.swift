package import FolioCapability

/// What a configuration file may hold, as a JSON Schema (draft 2020-12): what editors and `config check` go by.
package enum ConfigurationSchema {
    /// The schema, read.
    package static var schema: SchemaNode {
        get throws(QueryError) { try SchemaNode(document: text) }
    }

    /// The schema as `foliofs config check --schema` prints it.
    package static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "a configuration",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "stage-limit": { "$ref": "#/$defs/size" },
            "stage-sync-limit": { "$ref": "#/$defs/size" },
            "prestage": { "$ref": "#/$defs/texts", "examples": [["models/*"]] },
            "promotion-rate": { "$ref": "#/$defs/size" },
            "promotion-memory": { "type": "integer", "minimum": 1, "maximum": 100, "examples": [50] },
            "promotion-check": { "type": "integer", "minimum": 0, "maximum": 86400, "examples": [60] },
            "watch": { "type": "string", "enum": ["fanotify", "inotify", "timeouts"] },
            "no-passthrough": { "type": "boolean" },
            "read-only": { "type": "boolean" },
            "allow-other": { "type": "boolean" },
            "one-file-system": { "type": "boolean" },
            "plugins": { "$ref": "#/$defs/texts", "examples": [["/etc/foliofs/more"]] },
            "rule": { "type": "array", "items": { "$ref": "#/$defs/rule" } }
          },
          "$defs": {
            "size": {
              "examples": ["512M", 536870912],
              "oneOf": [
                {
                  "type": "string",
                  "pattern": "[0-9]{1,15}([bB]|[kKmMgGtT]([iI][bB])?)?",
                  "examples": ["64K", "512M", "2G"]
                },
                { "type": "integer", "minimum": 0, "maximum": 9007199254740991 }
              ]
            },
            "texts": {
              "type": "array",
              "minItems": 1,
              "items": { "type": "string", "minLength": 1 }
            },
            "rule": {
              "title": "a [[rule]]",
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "name": { "type": "string", "minLength": 1, "examples": ["models"] },
                "path": { "$ref": "#/$defs/texts", "examples": [["models/*.gguf"]] },
                "size": { "type": "string", "minLength": 1, "examples": [">=2M", ">=64K <1G"] },
                "kind": {
                  "type": "array",
                  "minItems": 1,
                  "examples": [["executable", "elf"]],
                  "items": { "type": "string", "enum": ["executable", "elf", "elf-executable", "shared-object"] }
                },
                "magic": {
                  "type": "array",
                  "minItems": 1,
                  "examples": [[{ "text": "GGUF" }]],
                  "items": {
                    "title": "a magic",
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                      "text": { "type": "string", "minLength": 1, "examples": ["GGUF"] },
                      "hex": { "type": "string", "minLength": 1, "examples": ["fd 37 7a 58 5a 00"] },
                      "offset": { "type": "integer", "minimum": 0, "maximum": 1099511627776, "examples": [257] }
                    }
                  }
                },
                "exec": { "type": "boolean" },
                "owner": { "$ref": "#/$defs/people", "examples": [["postgres", 1000]] },
                "group": { "$ref": "#/$defs/people", "examples": [["users", 100]] },
                "heat": {
                  "title": "heat",
                  "type": "object",
                  "additionalProperties": false,
                  "required": ["opens", "within"],
                  "examples": [{ "opens": 3, "within": "10m" }],
                  "properties": {
                    "opens": { "type": "integer", "minimum": 1, "maximum": 64, "examples": [3] },
                    "within": {
                      "type": "string",
                      "pattern": "[1-9][0-9]{0,5}[smhd]",
                      "examples": ["10m", "30s", "2h", "1d"]
                    }
                  }
                },
                "routes": {
                  "type": "array",
                  "minItems": 1,
                  "examples": [["native", "staged", "fallback", "plain"]],
                  "items": { "type": "string", "enum": ["native", "staged", "fallback", "plain"] }
                },
                "promote": { "type": "string", "enum": ["open", "asked", "never"] },
                "promotion": { "type": "string", "enum": ["collapse", "refault", "none"] },
                "aligned-exec": { "type": "boolean" }
              }
            },
            "people": {
              "type": "array",
              "minItems": 1,
              "items": {
                "examples": ["root", 1000],
                "oneOf": [
                  { "type": "string", "minLength": 1, "examples": ["root"] },
                  { "type": "integer", "minimum": 0, "maximum": 4294967294 }
                ]
              }
            }
          }
        }
        """#
}

namespace Qwen3VL.Engine;

/// <summary>The answer is one JSON value that is valid under a JSON Schema (draft 2020-12), without a code fence.</summary>
/// <remarks>
/// What cannot be enforced is refused with its place, never ignored. Keywords of one type say nothing about values of another, as in JSON
/// Schema: <c>format</c> and <c>pattern</c> speak of strings only, whatever a dialect means by them beside numbers. Written is a subset of what
/// the schema allows:
/// <list type="bullet">
/// <item>properties in the order of the schema; further properties only where <c>additionalProperties</c> asks for them or the schema names
/// no property; items beyond <c>prefixItems</c> only where <c>items</c> or <c>minItems</c> asks for them;</item>
/// <item>white space: one space behind a colon or a comma, or a line break with at most 4 tabs or 8 spaces behind a comma and inside brackets,
/// or none;</item>
/// <item>numbers of at most 18 digits before and 17 behind the point, exponents of two digits; where a bound is excluded only so many
/// digits that a number in binary64 stays off the bound, too; at most 32 levels of nesting.</item>
/// </list>
/// Names that the schema gives are written at most once. Further names are not remembered, so one of them may be written again: the text is
/// then valid under the schema, and readers take the last value, as RFC 8259 lets them.
/// A mask takes memory and processor time on the engine's thread: much where an answer is between values of a schema of many readings, little
/// inside strings.
/// </remarks>
/// <param name="Schema">The schema as JSON text; at most 256 KiB.</param>
public sealed record JsonSchemaConstraint(string Schema) : OutputConstraint;

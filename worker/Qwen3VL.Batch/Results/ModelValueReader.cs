using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// Recursive reader of one value that a model meant as JSON. Beyond JSON it takes single quotes and Python's literals (the reference cookbook's
/// reader falls back to a Python literal parser), NaN and infinities, trailing commas, raw line breaks and unescaped quotes inside strings.
/// Never throws: a Try method returns false and leaves <see cref="Position"/> where it stopped.
/// </summary>
internal ref struct ModelValueReader(ReadOnlySpan<char> text, int position)
{
    /// <summary>Deeper nesting than any answer has; bounds the recursion.</summary>
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<char> _text = text;

    /// <summary>Next character to read.</summary>
    public int Position { get; set; } = position;

    /// <summary>Whether the text has ended.</summary>
    public readonly bool AtEnd => Position >= _text.Length;

    /// <summary>The next character that is not blank, or NUL at the end.</summary>
    public char Peek()
    {
        while (Position < _text.Length && char.IsWhiteSpace(_text[Position]))
        {
            Position++;
        }

        return AtEnd ? '\0' : _text[Position];
    }

    /// <summary>Skips blanks and takes the character if it is the next one.</summary>
    public bool TryTake(char expected)
    {
        if (Peek() != expected || AtEnd)
        {
            return false;
        }

        Position++;
        return true;
    }

    /// <summary>Reads any value.</summary>
    public bool TryReadValue(out ModelValue value, int depth = 0)
    {
        value = ModelValue.Null;
        if (depth > MaxDepth)
        {
            return false;
        }

        switch (Peek())
        {
            case '{':
                return TryReadObject(out value, depth);
            case '[':
                return TryReadSequence('[', ']', out value, depth);
            case '(':
                return TryReadSequence('(', ')', out value, depth);
            case '"' or '\'':
                bool read = TryReadString(out string text);
                value = ModelValue.Text(text);
                return read;
            default:
                return TryReadWord(out value);
        }
    }

    /// <summary>Reads an object; of equal keys the last wins, as in ECMAScript, Python and .NET.</summary>
    public bool TryReadObject(out ModelValue value, int depth = 0)
    {
        value = ModelValue.Null;
        var members = new Dictionary<string, ModelValue>(StringComparer.Ordinal);
        if (!TryTake('{'))
        {
            return false;
        }

        while (!TryTake('}'))
        {
            if (!TryReadKey(out string key) || !TryTake(':') || !TryReadValue(out ModelValue member, depth + 1))
            {
                return false;
            }

            members[key] = member;
            if (!TryTake(',') && Peek() != '}')
            {
                return false;
            }
        }

        value = ModelValue.Object(members);
        return true;
    }

    private bool TryReadKey(out string key)
    {
        if (Peek() is '"' or '\'')
        {
            return TryReadString(out key);
        }

        int start = Position;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(_text[Position]) || _text[Position] == '_'))
        {
            Position++;
        }

        key = _text[start..Position].ToString();
        return key.Length > 0;
    }

    private bool TryReadSequence(char open, char close, out ModelValue value, int depth)
    {
        value = ModelValue.Null;
        var items = new List<ModelValue>();
        if (!TryTake(open))
        {
            return false;
        }

        while (!TryTake(close))
        {
            if (!TryReadValue(out ModelValue item, depth + 1))
            {
                return false;
            }

            items.Add(item);
            if (!TryTake(',') && Peek() != close)
            {
                return false;
            }
        }

        value = ModelValue.List(items);
        return true;
    }

    private bool TryReadString(out string value)
    {
        char quote = _text[Position++];
        var text = new StringBuilder();
        value = "";
        while (!AtEnd)
        {
            char c = _text[Position++];
            if (c == quote && ClosesString())
            {
                value = ModelText.Clean(text.ToString());
                return true;
            }

            if (c == '\\' && !AtEnd)
            {
                AppendEscape(text);
            }
            else
            {
                text.Append(c);
            }
        }

        return false;
    }

    /// <summary>
    /// A quote ends a string only where something that may follow a string comes next; so a quote or an apostrophe inside a text that the model
    /// forgot to escape stays part of it.
    /// </summary>
    private readonly bool ClosesString()
    {
        int next = Position;
        while (next < _text.Length && char.IsWhiteSpace(_text[next]))
        {
            next++;
        }

        return next >= _text.Length || _text[next] is ',' or ':' or '}' or ']' or ')';
    }

    private void AppendEscape(StringBuilder text)
    {
        char c = _text[Position++];
        if (c == 'u' && Position + 4 <= _text.Length
            && ushort.TryParse(_text.Slice(Position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            Position += 4;
            text.Append((char)code);
            return;
        }

        text.Append(c switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => c });
    }

    private bool TryReadWord(out ModelValue value)
    {
        int start = Position;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(_text[Position]) || _text[Position] is '+' or '-' or '.' or '_'))
        {
            Position++;
        }

        ReadOnlySpan<char> word = _text[start..Position];
        ModelValue? literal = word switch
        {
            "null" or "None" => ModelValue.Null,
            "true" or "True" => ModelValue.Boolean(true),
            "false" or "False" => ModelValue.Boolean(false),
            "NaN" or "nan" => ModelValue.Number(double.NaN),
            "Infinity" or "+Infinity" or "inf" => ModelValue.Number(double.PositiveInfinity),
            "-Infinity" or "-inf" => ModelValue.Number(double.NegativeInfinity),
            _ => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? ModelValue.Number(number) : null,
        };
        value = literal ?? ModelValue.Null;
        return literal is not null;
    }
}

using System.Globalization;

namespace Qwen3VL.Engine.Constraints;

/// <content>Single characters, escapes and classes.</content>
internal sealed partial class PatternParser
{
    private static readonly CodePointSet Digits = new(('0', '9'));
    private static readonly CodePointSet WordCharacters = new(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePointSet Spaces = new(('\t', '\r'), (' ', ' '));
    private static readonly CodePointSet NoDigits = new((0, '0' - 1), ('9' + 1, 0x7F));
    private static readonly CodePointSet NoWordCharacters = new((0, '0' - 1), ('9' + 1, 'A' - 1), ('Z' + 1, '_' - 1), ('`', '`'), ('z' + 1, 0x7F));

    // Whatever some dialect holds to be a space.
    private static readonly CodePointSet NoSpaces = new CodePointSet(
        (9, 13), (28, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x2060), (0x3000, 0x3000), (0xFEFF, 0xFEFF)).Complement();

    private static readonly CodePointSet NoLineEnds = new CodePointSet(('\n', '\n'), ('\r', '\r'), (0x85, 0x85), (0x2028, 0x2029)).Complement();

    private CodePointSet Characters(char first)
    {
        switch (first)
        {
            case '.':
                _position++;
                return NoLineEnds;
            case '[':
                return Class();
            case '\\':
                return Escaped(isInNegatedClass: false).Characters;
            case '^' or '*' or '+' or '?' or '{':
                throw Refuse("have anchors at its ends only and repeat something");
            default:
                int value = Literal();
                return new CodePointSet((value, value));
        }
    }

    private CodePointSet Class()
    {
        _position++;
        bool isNegated = Take('^');
        if (!IsAtEnd && _pattern[_position] == ']')
        {
            // Nothing, everything, or a bracket: dialects differ.
            throw Refuse("have a character in every class, a closing bracket as \\]");
        }

        var ranges = new List<(int Low, int High)>();
        while (!Take(']'))
        {
            (CodePointSet characters, int single) = ClassPart(isNegated);
            bool isRange = single >= 0 && _position + 1 < _pattern.Length && _pattern[_position] == '-' && _pattern[_position + 1] != ']';
            if (!isRange)
            {
                ranges.AddRange(characters.Ranges);
                continue;
            }

            _position++;
            (_, int last) = ClassPart(isNegated);
            if (last < single)
            {
                throw Refuse("have ranges from a lower to a higher character");
            }

            ranges.Add((single, last));
        }

        // Complements are without surrogates, over which a range may go.
        CodePointSet others = new CodePointSet(ranges).Complement();
        return isNegated ? others : others.Complement();
    }

    private (CodePointSet Characters, int Single) ClassPart(bool isNegated)
    {
        if (IsAtEnd)
        {
            throw Refuse("close every class");
        }

        if (_pattern[_position] == '\\')
        {
            return Escaped(isNegated);
        }

        int value = Literal();
        return (new CodePointSet((value, value)), value);
    }

    private (CodePointSet Characters, int Single) Escaped(bool isInNegatedClass)
    {
        _position++;
        if (IsAtEnd)
        {
            throw Refuse("escape something");
        }

        char name = _pattern[_position++];
        CodePointSet? named = name switch
        {
            'd' => Digits,
            'w' => WordCharacters,
            's' => Spaces,
            'D' when !isInNegatedClass => NoDigits,
            'W' when !isInNegatedClass => NoWordCharacters,
            'S' when !isInNegatedClass => NoSpaces,
            _ => null,
        };
        if (named is not null)
        {
            // What is left out of a negated class must be all that any dialect holds to be in it.
            return isInNegatedClass && name != 'd' && name != 'w'
                ? (NoSpaces.Complement(), -1)
                : isInNegatedClass ? throw Refuse("have no \\d and \\w in negated classes; write the range") : (named, -1);
        }

        int value = name switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'u' => Hex(4),
            'x' => Hex(2),
            _ when char.IsAsciiLetterOrDigit(name) => throw Refuse($"have known escapes; not \\{name}"),
            _ => name,
        };
        return char.IsSurrogate((char)value) ? throw Refuse("have whole characters") : (new CodePointSet((value, value)), value);
    }

    private int Hex(int digits)
    {
        bool isHex = _position + digits <= _pattern.Length;
        int value = 0;
        isHex = isHex && int.TryParse(_pattern.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        _position += digits;
        return isHex ? value : throw Refuse($"have {digits} hexadecimal digits in such an escape");
    }
}

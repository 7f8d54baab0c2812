using System.Globalization;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Reads a pattern (ECMA-262 regular expressions, as JSON Schema has them): characters, classes, groups, alternatives, repetitions, and
/// anchors at the ends. Look-around, back references, word boundaries, named groups, flags and Unicode properties are refused. Used once.
/// </summary>
/// <remarks>
/// A pattern without anchors matches anywhere in the string. Where dialects differ only what all of them accept is written: <c>\d</c>,
/// <c>\w</c>, <c>\D</c> and <c>\W</c> are those of ASCII, and none of the classes <c>\D \W \S</c> may stand in a negated one.
/// </remarks>
internal sealed class PatternParser
{
    private const int MaxPatternCharacters = 2000;
    private const int MaxGroups = 50;
    private const int MaxRepeats = 1000;
    private const int MaxAtoms = 20_000;

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

    private readonly string _pattern;
    private readonly string _path;
    private readonly PatternAutomaton _automaton = new();
    private int _position;
    private int _numAtoms;
    private int _depth;

    private PatternParser(string pattern, string path)
    {
        _pattern = pattern;
        _path = path;
    }

    private bool IsAtEnd => _position >= _pattern.Length;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="InvalidRequestException">It is too long or not supported.</exception>
    public static PatternAutomaton Parse(string pattern, string path)
    {
        if (pattern.Length > MaxPatternCharacters)
        {
            throw SchemaReader.Refuse(path, $"have at most {MaxPatternCharacters} characters", $"{pattern.Length}");
        }

        return new PatternParser(pattern, path).Parse();
    }

    private PatternAutomaton Parse()
    {
        _automaton.End = New();
        do
        {
            int from = _automaton.Start;
            if (!Take('^'))
            {
                from = Anything(from);
            }

            int to = Sequence(from);
            if (!Take('$'))
            {
                to = Anything(to);
            }

            _automaton.Free(to, _automaton.End);
        }
        while (Take('|'));

        return IsAtEnd ? _automaton : throw Refuse("be balanced and have anchors at its ends only");
    }

    private int Anything(int from)
    {
        int loop = New();
        _automaton.Free(from, loop);
        _automaton.Step(loop, CodePointSet.All, loop);
        return loop;
    }

    private int Alternatives(int from)
    {
        int end = New();
        do
        {
            int start = New();
            _automaton.Free(from, start);
            _automaton.Free(Sequence(start), end);
        }
        while (Take('|'));

        return end;
    }

    private int Sequence(int from)
    {
        while (!IsAtEnd && _pattern[_position] is not ('|' or ')' or '$'))
        {
            from = Repetition(from);
        }

        return from;
    }

    /// <summary>One atom and how often it may stand; each time is read anew from the pattern.</summary>
    private int Repetition(int from)
    {
        int atomAt = _position;
        int start = New();
        _automaton.Free(from, start);
        int behind = Atom(start);
        (int min, int max) = Times();
        int goOnAt = _position;
        if (max == 0)
        {
            return from;
        }

        int end = New();
        if (min == 0)
        {
            _automaton.Free(start, end);
        }

        for (int time = 2; time <= (max == int.MaxValue ? min : max); time++)
        {
            if (time > min)
            {
                _automaton.Free(behind, end);
            }

            start = New();
            _automaton.Free(behind, start);
            _position = atomAt;
            behind = Atom(start);
        }

        if (max == int.MaxValue)
        {
            _automaton.Free(behind, start);
        }

        _automaton.Free(behind, end);
        _position = goOnAt;
        return end;
    }

    private (int Min, int Max) Times()
    {
        (int, int) times = IsAtEnd ? (1, 1) : _pattern[_position] switch
        {
            '*' => Simple(0, int.MaxValue),
            '+' => Simple(1, int.MaxValue),
            '?' => Simple(0, 1),
            '{' => Counted(),
            _ => (1, 1),
        };
        if (times != (1, 1))
        {
            // Lazy or not makes no difference to what matches.
            Take('?');
        }

        return times;

        (int, int) Simple(int min, int max)
        {
            _position++;
            return (min, max);
        }
    }

    private (int Min, int Max) Counted()
    {
        int close = _pattern.IndexOf('}', _position);
        string[] parts = close < 0 ? [] : _pattern[(_position + 1)..close].Split(',');
        if (parts.Length is not (1 or 2) || !TryCount(parts[0], out int min))
        {
            throw Refuse("have counts like {2}, {2,} or {2,5}");
        }

        int max = min;
        if (parts.Length == 2 && parts[1].Length == 0)
        {
            max = int.MaxValue;
        }
        else if (parts.Length == 2 && !TryCount(parts[1], out max))
        {
            throw Refuse("have counts like {2}, {2,} or {2,5}");
        }

        if (min > MaxRepeats || (max > MaxRepeats && max != int.MaxValue) || min > max)
        {
            throw Refuse($"have counts in order and of at most {MaxRepeats}");
        }

        _position = close + 1;
        return (min, max);
    }

    private static bool TryCount(string digits, out int count) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    private int Atom(int from)
    {
        if (++_numAtoms > MaxAtoms)
        {
            throw Refuse($"unfold to at most {MaxAtoms} parts");
        }

        char first = _pattern[_position];
        if (first == '(')
        {
            return Group(from);
        }

        int to = New();
        _automaton.Step(from, Characters(first), to);
        return to;
    }

    private int Group(int from)
    {
        _position++;
        bool isSpecial = Take('?');
        if ((isSpecial && !Take(':')) || ++_depth > MaxGroups)
        {
            throw Refuse($"have plain groups, at most {MaxGroups} within each other");
        }

        int to = Alternatives(from);
        _depth--;
        return Take(')') ? to : throw Refuse("close every group");
    }

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

        var set = new CodePointSet(ranges);
        return isNegated ? set.Complement() : new CodePointSet(set.Complement().Complement().Ranges);
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

    private int Literal()
    {
        bool isPair = char.IsHighSurrogate(_pattern[_position]) && _position + 1 < _pattern.Length;
        int value = isPair ? char.ConvertToUtf32(_pattern[_position], _pattern[_position + 1]) : _pattern[_position];
        _position += isPair ? 2 : 1;
        return value;
    }

    private bool Take(char expected)
    {
        bool isThere = !IsAtEnd && _pattern[_position] == expected;
        _position += isThere ? 1 : 0;
        return isThere;
    }

    private int New() => _automaton.NewState(_path);

    private InvalidRequestException Refuse(string rule) => SchemaReader.Refuse(_path, rule, $"another pattern at character {Math.Min(_position, _pattern.Length)}");
}

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
internal sealed partial class PatternParser
{
    private const int MaxPatternCharacters = 2000;
    private const int MaxGroups = 50;
    private const int MaxRepeats = 1000;
    private const int MaxAtoms = 20_000;

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

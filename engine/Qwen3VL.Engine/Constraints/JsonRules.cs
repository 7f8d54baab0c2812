using System.Text;
using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>The forms of JSON that do not depend on a schema: white space, literals, any value. Owned by one compilation.</summary>
/// <remarks>
/// White space is what the models write by themselves: none, one space behind a colon or a comma, or a line break with tabs or spaces behind
/// a comma and inside brackets. It is bounded everywhere, so no model can go round in it.
/// </remarks>
internal sealed class JsonRules
{
    private const int MaxTabs = 4;
    private const int MaxSpaces = 8;
    private const int MaxIntegerDigits = 18;
    private const int MaxFractionDigits = 17;
    private const int MaxExponentDigits = 2;

    private readonly GrammarBuilder _grammar;
    private readonly int _lineBreak;
    private int _anyValue = -1;
    private int _anyObject = -1;
    private int _anyArray = -1;
    private int _integer = -1;
    private int _number = -1;

    /// <summary>Creates the forms in a grammar.</summary>
    public JsonRules(GrammarBuilder grammar)
    {
        _grammar = grammar;
        _lineBreak = grammar.NewState();
        MakeLineBreak();
    }

    /// <summary>The rule of any JSON value.</summary>
    public int AnyValue()
    {
        if (_anyValue < 0)
        {
            _anyValue = _grammar.NewState();
            _grammar.Free(_anyValue, _grammar.StringRule(StringBounds.Free));
            _grammar.Free(_anyValue, Number());
            _grammar.Free(_anyValue, AnyObject());
            _grammar.Free(_anyValue, AnyArray());
            foreach (string word in (string[])["true", "false", "null"])
            {
                _grammar.Accept(_grammar.Chain(_anyValue, Encoding.ASCII.GetBytes(word)));
            }
        }

        return _anyValue;
    }

    /// <summary>The rule of any object.</summary>
    public int AnyObject()
    {
        if (_anyObject < 0)
        {
            _anyObject = _grammar.NewState();
            int open = _grammar.Chain(_anyObject, "{"u8);
            int name = _grammar.NewState();
            int behind = _grammar.NewState();
            Close(open, '}');
            OpenGap(open, name);
            int colon = _grammar.NewState();
            _grammar.Call(name, _grammar.StringRule(StringBounds.Free), colon);
            _grammar.Call(Colon(colon), AnyValue(), behind);
            Comma(behind, name);
            CloseGap(behind, '}');
        }

        return _anyObject;
    }

    /// <summary>The rule of any array.</summary>
    public int AnyArray()
    {
        if (_anyArray < 0)
        {
            _anyArray = _grammar.NewState();
            int open = _grammar.Chain(_anyArray, "["u8);
            int item = _grammar.NewState();
            int behind = _grammar.NewState();
            Close(open, ']');
            OpenGap(open, item);
            _grammar.Call(item, AnyValue(), behind);
            Comma(behind, item);
            CloseGap(behind, ']');
        }

        return _anyArray;
    }

    /// <summary>The rule of a whole number without point and exponent.</summary>
    public int Integer()
    {
        if (_integer < 0)
        {
            _integer = _grammar.NewState();
            IntegerPart(_integer, _grammar.Accept);
        }

        return _integer;
    }

    /// <summary>The rule of any number.</summary>
    public int Number()
    {
        if (_number >= 0)
        {
            return _number;
        }

        _number = _grammar.NewState();
        int point = _grammar.NewState();
        int exponent = _grammar.NewState();
        IntegerPart(_number, EndOfInteger);
        Digits(_grammar.Chain(point, "."u8), MaxFractionDigits, EndOfFraction);
        int sign = _grammar.NewState();
        _grammar.Step(exponent, 'e', sign);
        _grammar.Step(exponent, 'E', sign);
        int digits = _grammar.NewState();
        _grammar.Free(sign, digits);
        _grammar.Step(sign, '+', digits);
        _grammar.Step(sign, '-', digits);
        Digits(digits, MaxExponentDigits, _grammar.Accept);
        return _number;

        void EndOfInteger(int state)
        {
            EndOfFraction(state);
            _grammar.Free(state, point);
        }

        void EndOfFraction(int state)
        {
            _grammar.Accept(state);
            _grammar.Free(state, exponent);
        }
    }

    /// <summary>Adds one value as it stands, white space free as everywhere; returns the state behind it.</summary>
    public int Literal(int from, JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                int item = _grammar.Chain(from, "["u8);
                return Members(item, [.. value.EnumerateArray()], (state, member) => Literal(state, member, path), ']');
            case JsonValueKind.Object:
                int name = _grammar.Chain(from, "{"u8);
                return Members(name, [.. value.EnumerateObject()], Member, '}');
            default:
                return _grammar.Branch(from, Scalar(value, path));
        }

        int Member(int state, JsonProperty property) =>
            Literal(Colon(_grammar.Chain(state, [(byte)'"', .. StringBody.Encode(property.Name), (byte)'"'])), property.Value, path);
    }

    /// <summary>The bytes of a value without parts.</summary>
    public static byte[] Scalar(JsonElement value, string path) => value.ValueKind == JsonValueKind.String
        ? [(byte)'"', .. StringBody.Encode(SchemaReader.Text(value, path)), (byte)'"']
        : Encoding.UTF8.GetBytes(value.GetRawText());

    /// <summary>Adds a colon and what may follow it; returns the state of the value.</summary>
    public int Colon(int from)
    {
        int colon = _grammar.Chain(from, ":"u8);
        int value = _grammar.NewState();
        _grammar.Free(colon, value);
        _grammar.Step(colon, ' ', value);
        return value;
    }

    /// <summary>Adds a comma and what may follow it.</summary>
    public void Comma(int from, int to)
    {
        int comma = _grammar.Chain(from, ","u8);
        _grammar.Step(comma, ' ', to);
        OpenGap(comma, to);
    }

    /// <summary>Adds what may stand behind an opening bracket.</summary>
    public void OpenGap(int from, int to)
    {
        _grammar.Free(from, to);
        _grammar.Call(from, _lineBreak, to);
    }

    /// <summary>Adds a closing bracket with what may stand before it; the rule ends behind it.</summary>
    public void CloseGap(int from, char bracket)
    {
        int close = _grammar.NewState();
        OpenGap(from, close);
        Close(close, bracket);
    }

    /// <summary>Adds a closing bracket behind an empty inside; the rule ends behind it.</summary>
    public void Close(int from, char bracket)
    {
        int end = _grammar.NewState();
        _grammar.Step(from, bracket, end);
        _grammar.Accept(end);
    }

    /// <summary>Adds digits, at least one, and tells every state in which they may end.</summary>
    public void Digits(int from, int most, Action<int> end)
    {
        for (int i = 0; i < most; i++)
        {
            int next = _grammar.NewState();
            _grammar.Step(from, (byte)'0', (byte)'9', next);
            end(next);
            from = next;
        }
    }

    private int Members<T>(int from, IReadOnlyList<T> members, Func<int, T, int> add, char bracket)
    {
        int end = _grammar.NewState();
        if (members.Count == 0)
        {
            _grammar.Step(from, bracket, end);
            return end;
        }

        int next = _grammar.NewState();
        OpenGap(from, next);
        for (int i = 0; i < members.Count; i++)
        {
            int behind = add(next, members[i]);
            next = _grammar.NewState();
            if (i < members.Count - 1)
            {
                Comma(behind, next);
            }
            else
            {
                OpenGap(behind, next);
            }
        }

        _grammar.Step(next, bracket, end);
        return end;
    }

    private void IntegerPart(int from, Action<int> end)
    {
        int unsigned = _grammar.NewState();
        _grammar.Free(from, unsigned);
        _grammar.Step(from, '-', unsigned);
        int zero = _grammar.Chain(unsigned, "0"u8);
        end(zero);
        int first = _grammar.NewState();
        _grammar.Step(unsigned, (byte)'1', (byte)'9', first);
        end(first);
        Digits(first, MaxIntegerDigits - 1, end);
    }

    private void MakeLineBreak()
    {
        int start = _grammar.Chain(_lineBreak, "\n"u8);
        _grammar.Accept(start);
        Indent('\t', MaxTabs);
        Indent(' ', MaxSpaces);

        void Indent(char value, int most)
        {
            int from = start;
            for (int i = 0; i < most; i++)
            {
                int next = _grammar.NewState();
                _grammar.Step(from, value, next);
                _grammar.Accept(next);
                from = next;
            }
        }
    }
}

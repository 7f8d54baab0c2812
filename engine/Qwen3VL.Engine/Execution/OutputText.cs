using System.Runtime.InteropServices;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// The text of one generation as it grows: finds stop strings, holds back what may become one, and keeps the reasoning of a Thinking
/// checkpoint apart. Owned by its generation; engine thread only.
/// </summary>
/// <remarks>
/// <code>
/// stop string "END"        answer so far   "It is E"      released "It is ", held back "E"
///   next piece "ND, or"    "END" found                    the answer ends as "It is "
///   next piece "ast"       "East" is no stop string       released "East"
/// </code>
/// Stop strings are looked for in the answer only, not in the reasoning.
/// </remarks>
internal sealed class OutputText
{
    private readonly string[] _stopStrings;
    private readonly int _mostHeldBack;
    private readonly List<char> _answer = [];
    private readonly List<char> _reasoning = [];
    private int _numReleased;
    private bool _trimsStart;
    private bool _isStopped;

    /// <summary>Starts empty.</summary>
    /// <param name="stopStrings">Non-empty strings that end the answer.</param>
    /// <param name="startsInReasoning">Whether the prompt has opened a reasoning block.</param>
    public OutputText(string[] stopStrings, bool startsInReasoning)
    {
        _stopStrings = stopStrings;
        _mostHeldBack = stopStrings.Length == 0 ? 0 : stopStrings.Max(stop => stop.Length) - 1;
        IsInReasoning = startsInReasoning;
    }

    /// <summary>Whether the text goes to the reasoning now.</summary>
    public bool IsInReasoning { get; private set; }

    /// <summary>The answer; after a stop string, what stands before it.</summary>
    public string Answer => new(CollectionsMarshal.AsSpan(_answer));

    /// <summary>The reasoning without the line breaks around it.</summary>
    public string Reasoning => new string(CollectionsMarshal.AsSpan(_reasoning)).Trim('\n');

    /// <summary>Closes the reasoning block: the answer starts behind the line breaks that follow.</summary>
    public void EndReasoning()
    {
        IsInReasoning = false;
        _trimsStart = _answer.Count == 0;
    }

    /// <summary>Adds a piece; true when a stop string ended the answer. Behind a stop string nothing is added.</summary>
    public bool Append(ReadOnlySpan<char> piece)
    {
        if (_isStopped)
        {
            return true;
        }

        if (IsInReasoning)
        {
            CollectionExtensions.AddRange(_reasoning, piece);
            return false;
        }

        if (_trimsStart)
        {
            piece = piece.TrimStart('\n');
            _trimsStart = piece.IsEmpty;
        }

        // A stop string that was not there before ends inside the new piece.
        int searchFrom = Math.Max(0, _answer.Count - _mostHeldBack);
        CollectionExtensions.AddRange(_answer, piece);
        int stopAt = FindStop(searchFrom);
        if (stopAt < 0)
        {
            return false;
        }

        CollectionsMarshal.SetCount(_answer, stopAt);
        _isStopped = true;
        return true;
    }

    /// <summary>Text of the answer that no later piece can take back, and that was not released before. Everything when <paramref name="isFinal"/>.</summary>
    public string Release(bool isFinal)
    {
        int end = isFinal ? _answer.Count : _answer.Count - NumHeldBack();
        if (end <= _numReleased)
        {
            return string.Empty;
        }

        string text = new(CollectionsMarshal.AsSpan(_answer)[_numReleased..end]);
        _numReleased = end;
        return text;
    }

    private int FindStop(int searchFrom)
    {
        ReadOnlySpan<char> searched = CollectionsMarshal.AsSpan(_answer)[searchFrom..];
        int first = -1;
        foreach (string stop in _stopStrings)
        {
            int found = searched.IndexOf(stop, StringComparison.Ordinal);
            if (found >= 0 && (first < 0 || found < first))
            {
                first = found;
            }
        }

        return first < 0 ? -1 : searchFrom + first;
    }

    /// <summary>Length of the longest end of the answer that begins a stop string.</summary>
    private int NumHeldBack()
    {
        ReadOnlySpan<char> answer = CollectionsMarshal.AsSpan(_answer);
        for (int length = Math.Min(_mostHeldBack, answer.Length); length > 0; length--)
        {
            ReadOnlySpan<char> end = answer[^length..];
            foreach (string stop in _stopStrings)
            {
                if (stop.Length > length && stop.AsSpan().StartsWith(end, StringComparison.Ordinal))
                {
                    return length;
                }
            }
        }

        return 0;
    }
}

using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>One fused tensor of all experts of a layer.</summary>
internal sealed class FusedExperts
{
    private readonly SafetensorsFile _file;
    private readonly SafetensorsEntry _entry;
    private readonly WeightDescription _expert;
    private readonly ScaleGrid? _scales;
    private readonly bool _isInputMajor;

    // One expert is megabytes, and a layer has a hundred of them.
    private byte[] _stored = [];

    /// <summary>Checks type and scales of a tensor whose shape <see cref="IsInputMajor"/> has accepted.</summary>
    /// <param name="map">The checkpoint.</param>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">Outputs and inputs of one expert.</param>
    /// <param name="isInputMajor">Whether an expert is stored as <c>[inputs, outputs]</c>.</param>
    internal FusedExperts(WeightMap map, string name, (int Outputs, int Inputs) shape, bool isInputMajor)
    {
        (_file, _entry) = map.Find(name);
        _isInputMajor = isInputMajor;
        _expert = new WeightDescription(name, shape.Outputs, shape.Inputs, WeightMap.TypeOf(_file, _entry));
        int experts = checked((int)_entry.Shape[0]);
        _scales = map.Scales(_file, _entry, isInputMajor ? [experts, shape.Inputs, shape.Outputs] : [experts, shape.Outputs, shape.Inputs]);
        if (_expert.RowBytes * _expert.Rows > Array.MaxLength)
        {
            throw new CheckpointException($"{_file.Path}: an expert of {name} must have at most {Array.MaxLength} bytes; got {_expert.RowBytes * _expert.Rows}");
        }
    }

    /// <summary>Tells the orientation by the shape: true for <c>[experts, inputs, outputs]</c>, false for the other, null when both are the same.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has neither shape.</exception>
    internal static bool? IsInputMajor(WeightMap map, string name, (int Experts, int Inputs, int Outputs) shape)
    {
        (SafetensorsFile file, SafetensorsEntry entry) = map.Find(name);
        bool isInputMajor = entry.Shape.SequenceEqual([shape.Experts, shape.Inputs, shape.Outputs]);
        bool isOutputMajor = entry.Shape.SequenceEqual([shape.Experts, shape.Outputs, shape.Inputs]);
        return (isInputMajor, isOutputMajor) switch
        {
            (true, true) => null,
            (false, false) => throw new CheckpointException(
                $"{file.Path}: {name} must have shape [{shape.Experts}, {shape.Inputs}, {shape.Outputs}] or " +
                $"[{shape.Experts}, {shape.Outputs}, {shape.Inputs}]; got [{string.Join(", ", entry.Shape)}]"),
            _ => isInputMajor,
        };
    }

    /// <summary>Reads one expert. It is valid until the next one is read.</summary>
    internal FusedExpert Read(int expert)
    {
        if (_stored.Length == 0)
        {
            _stored = new byte[_expert.RowBytes * _expert.Rows];
        }

        _file.ReadBytes(_entry, expert * (long)_stored.Length, _stored);
        WeightMap.CheckNumbers(_expert.Type, _stored, _file, _entry);
        return new FusedExpert(_expert with { Name = $"{_expert.Name}[{expert}]", Scales = ScalesOf(expert) }, _stored, _isInputMajor);
    }

    // The grid is turned with the matrix.
    private WeightScales? ScalesOf(int expert)
    {
        if (_scales is null)
        {
            return null;
        }

        int length = _scales.Values.Length / (int)_entry.Shape[0];
        ReadOnlyMemory<float> grid = _scales.Values.AsMemory(expert * length, length);
        if (!_isInputMajor)
        {
            return new WeightScales(grid, _scales.Columns, _scales.BlockRows, _scales.BlockColumns);
        }

        int rows = length / _scales.Columns;
        var turned = new float[length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < _scales.Columns; column++)
            {
                turned[column * rows + row] = grid.Span[row * _scales.Columns + column];
            }
        }

        return new WeightScales(turned, rows, _scales.BlockColumns, _scales.BlockRows);
    }
}

"""Spectra that a laboratory has measured, as instruments and tables have them.

    record     one measured spectrum, per area
    opening    files, or why they cannot be read
    reading    which file is read how
    table      CSV with units in its header
    biologic   EC-Lab: .mpt as text, .mpr through galvani
    gamry      Gamry Framework: .DTA
    zview      Scribner ZView and ZPlot: .z

Readers give impedances in Ohm, as instruments have them, or per area where the table says so. A
file of which anything is not understood is refused with one line.
"""
